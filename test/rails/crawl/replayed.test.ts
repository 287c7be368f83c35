import { beforeEach, expect, it, vi } from 'vitest'
import { createAgent } from './agent.ts'
import { BOT, type CrawledSite, openSite, PAGE, Web } from './site.ts'

// A request that paid, sent again by somebody who saw it.

const PRICE = 750_000_000n
const EXACT = { 'crawler-exact-price': 'USD 0.75' }
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n

const bot = await createAgent(BOT)
const evil = await createAgent('https://evil.example')
let site: CrawledSite
let fields: Record<string, string>

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const web = new Web()
  web.publish(bot)
  web.publish({ ...evil, jwk: bot.jwk })
  site = openSite({
    web,
    options: { agents: { [BOT]: { billing: 'credit' } }, any: true },
    zone: { hosts: ['a.test', 'b.test'] },
  })
  await site.grant(BOT, 2n * PRICE)
  fields = await bot.sign(PAGE, { fields: EXACT })
  expect((await site.ask(fields)).status).toBe(200)
})

/** The same signature of Ed25519 for who does not look: the order of the group is added to its second half. */
function malleated(signature: string): string {
  const bytes = Uint8Array.from(atob(signature.slice(6, -1)), (char) => char.charCodeAt(0))
  const half = bytes.subarray(32)
  let scalar = half.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + ORDER
  for (let at = 0; at < half.length; at++, scalar /= 256n) half[at] = Number(scalar % 256n)
  return `sig1=:${btoa(String.fromCharCode(...bytes))}:`
}

it.each<[string, () => Record<string, string>, string?]>([
  ['with another spelling of its signature', () => ({ signature: malleated(fields['signature'] ?? '') })],
  ['for another host', () => ({}), 'https://b.test/articles/1'],
  ['for another port', () => ({}), 'https://a.test:8443/articles/1'],
  ['with a slash more', () => ({}), `${PAGE}/`],
  ['with an empty query', () => ({}), `${PAGE}?`],
  ['as that of an agent that publishes the same key', () => ({ 'signature-agent': 'sig1="https://evil.example"' })],
])('is refused %s', async (_how, changed, url = PAGE) => {
  const again = await site.ask({ ...fields, ...changed() }, { url })
  expect([again.status, again.headers.get('crawler-error')]).toEqual([400, 'InvalidSignature'])
  expect([await site.credit(), site.received.length]).toEqual([PRICE, 1])
})

it.each<[string, () => Record<string, string>, string?]>([
  ['with white space around it', () => ({ signature: `  ${fields['signature']} ` })],
  ['beside another signature', () => ({ signature: `other=:AAAA:, ${fields['signature']}` })],
  ['with an escape in its target', () => ({}), 'https://a.test/articles/%31'],
])('is the same charge %s', async (_how, changed, url = PAGE) => {
  const again = await site.ask({ ...fields, ...changed() }, { url })
  expect([again.status, again.headers.get('crawler-charged')]).toEqual([200, null])
  expect([await site.credit(), site.received.length]).toEqual([PRICE, 1])
})
