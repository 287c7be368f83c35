/** The first row: whom the gate refuses, what it earns and how it does, beside a week ago. */
import { html as markup, raw } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { headlineOf } from '../rules/figures.ts'
import { count, type DashboardFacts, moneyWords, msWords, percent } from './facts.ts'

/** Writes the panel. */
export function tilesPanel({ total, before, range }: DashboardFacts): Markup {
  const [present, past] = [headlineOf(total), headlineOf(before)]
  const { hurt } = present
  const accounts = `${count(hurt.accounts)}${hurt.isMore ? ' or more' : ''}`
  const tile = (title: string, value: string, was: string, more: string, isBad = false): Markup =>
    markup`<li${isBad ? raw(' class="look"') : ''}>${title}<strong>${value}</strong><small>${more}<br>${was} ${range.before.words}</small></li>\n`
  return markup`<ul class="tiles">${tile(
    'Customers refused',
    accounts,
    count(past.hurt.accounts),
    `${count(hurt.refusals)} refusals of genuine credentials; ${count(present.notGenuine)} of others`,
    hurt.accounts > 2 * past.hurt.accounts + 2,
  )}${tile(
    'Errors',
    count(present.errors),
    count(past.errors),
    `answers of 5xx; ${count(present.unsettled)} charges unsettled, ${count(present.undelivered)} payments undelivered`,
    present.errors > 2 * past.errors + present.requests / 100,
  )}${tile('Revenue kept', moneyWords(present.revenue), moneyWords(past.revenue), `${count(present.charges)} charges`)}${tile(
    'Pages that led to buying',
    percent(present.bought, present.pages),
    percent(past.bought, past.pages),
    `${count(present.bought)} purchases for ${count(present.pages)} pages shown; ${count(present.asked)} requests in all had no credential`,
  )}${tile(
    'From copies',
    percent(present.hits, present.cacheable),
    percent(past.hits, past.cacheable),
    `of ${count(present.cacheable)} answers that could be`,
  )}${tile(
    'Origin, p95',
    msWords(present.originP95Ms),
    msWords(past.originP95Ms),
    `${count(present.requests)} requests in all`,
  )}</ul>
`
}
