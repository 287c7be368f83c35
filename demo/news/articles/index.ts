import type { NewsArticle } from '../article.ts'
import { baecker } from './baecker.ts'
import { crane } from './crane.ts'
import { haus } from './haus.ts'
import { moewen } from './moewen.ts'
import { nightFerry } from './night-ferry.ts'
import { seagrass } from './seagrass.ts'
import { sundayFare } from './sunday-fare.ts'
import { theatre } from './theatre.ts'

/** The paper, by number. */
export const ARTICLES: readonly NewsArticle[] = [
  nightFerry,
  sundayFare,
  seagrass,
  baecker,
  theatre,
  moewen,
  crane,
  haus,
]

export function articleOf(id: string): NewsArticle | undefined {
  return ARTICLES.find((article) => String(article.id) === id)
}
