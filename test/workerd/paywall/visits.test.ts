import { describe, expect, it } from 'vitest'
import { accountLedger } from '../../support/ledger.ts'
import { readingOf } from '../objects.ts'
import { useReader } from './reader.ts'

const reader = useReader('visits.test.ts', 1_000_000_000n)

type Fields = Readonly<Record<string, string>>

/** With the reader's cookie, and what a browser says of how it came to ask. */
async function ask(path: string, fields: Fields, init: RequestInit = {}): Promise<Response> {
  const cookie = `__Host-faregate=${await reader.world.token({ sub: reader.account })}`
  return reader.askAndSettle(path, { ...init, headers: { cookie, accept: 'text/html', ...fields } })
}

const charges = async (): Promise<number> => (await readingOf(accountLedger(reader.account))).totals.charges

const opening = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const visits: [how: string, fields: Fields][] = [
  ['a link in a newsletter', { 'sec-fetch-site': 'cross-site', ...opening, 'sec-fetch-user': '?1' }],
  ['a link on a sibling host', { 'sec-fetch-site': 'same-site', ...opening, 'sec-fetch-user': '?1' }],
  ['a redirect by script', { 'sec-fetch-site': 'cross-site', ...opening }],
  ['a link of ours', { 'sec-fetch-site': 'same-origin', ...opening }],
  ['the address bar', { 'sec-fetch-site': 'none', ...opening }],
  ['an old browser, from a page of ours', { referer: 'https://news.test/' }],
  ['an old browser, from nowhere', {}],
]

const embedded: [how: string, fields: Fields][] = [
  ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  ['a script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://evil.test' }],
  ['a frame of an old browser', { referer: 'https://evil.test/' }],
]

describe('a reader with a quota, who comes by', () => {
  it.each(visits)('%s, reads the page, and it counts once', async (_how, fields) => {
    expect((await ask('/metered/1', fields)).status).toBe(200)
    expect(await charges()).toBe(1)
  })
})

describe('a page of another site that embeds ours by', () => {
  it.each(embedded)('%s reads what costs nothing, and takes nothing of the quota', async (_how, fields) => {
    expect((await ask('/articles/1', fields)).status).toBe(200)
    const refused = await ask('/metered/1', fields)
    expect(refused.status).toBe(402)
    expect(await refused.text()).toContain('You came here from another site')
    expect((await ask('/metered/1', { ...fields, ...opening }, { method: 'POST' })).status).toBe(402)
    expect(await charges()).toBe(0)
  })
})
