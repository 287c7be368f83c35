import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Returns what axe finds wrong with the page, one line for each rule. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(SOURCE)
  const found = await page.evaluate<readonly Violation[]>('axe.run(document).then(({ violations }) => violations)')
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

interface Target {
  readonly text: string
  readonly width: number
  readonly height: number
  readonly isMain: boolean
}

const TARGETS = `Array.from(document.querySelectorAll('a, button:not([hidden]), summary, select, input:not([type=hidden])'), (one) => {
  const { width, height } = one.getBoundingClientRect()
  return { text: one.textContent, width, height, isMain: one.matches('.main') }
})`

/** Returns the links and buttons that a finger misses: less than 24 × 24 px, or, for a main action, 44 px high (WCAG 2.5.8). */
export async function smallTargets(page: Page): Promise<readonly Target[]> {
  const targets = await page.evaluate<readonly Target[]>(TARGETS)
  return targets.filter(({ width, height, isMain }) => width < 24 || height < (isMain ? 44 : 24))
}

/** Returns true if the page is wider than its window. */
export function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

/** The words of programmers, on a page of a reader's. */
export const PROGRAMMERS_WORDS = /\b(?:exp|aud|RFC|credentials?|tokens?)\b/i
