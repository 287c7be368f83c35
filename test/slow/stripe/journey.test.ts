import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, shut } from '../../../tools/loopback.ts'
import { DOUBLE_KEY } from '../../stripe/double/index.ts'
import { startStripeDouble, type StripeDoubleServer } from '../../stripe/double/server.ts'
import { installPackage, type Installed, type Started } from '../cli/installed.ts'
import { Browser } from './browser.ts'

const WEBHOOK = 'whsec_of_the_journey_000000001'
/** The offers that the seller adds to the one of the project. */
const MORE = `sell: {
            article: { price: 'price_article', receipt: { pass: 86_400 } },
            topUp: { price: 'price_credit', credit: { amount: '10', currency: 'EUR' } },
            `
const PRICED = `routes: [
          { path: '/single/*', price: { amount: '1.50', currency: 'EUR' } },
          { path: '/calls/*', price: { amount: '0.25', currency: 'EUR' } },
          `

let installed: Installed
let origin: Server
let stripe: StripeDoubleServer
let folder: string
let gate: Started

beforeAll(async () => {
  installed = installPackage()
  origin = createServer((request, response) => {
    response.setHeader('content-type', 'text/html').end(`<h1>The page ${request.url}</h1>`)
  })
  const originUrl = await open(origin)
  stripe = await startStripeDouble({ deliverEveryMs: 100 })
  stripe.double.addPrice({ id: 'price_month', amount: 500, every: 'month', name: 'Monthly' })
  stripe.double.addPrice({ id: 'price_article', amount: 199, name: 'One page' })
  stripe.double.addPrice({ id: 'price_credit', amount: 1000, name: 'Credit' })
  folder = installed.project('shop')
  const init = ['init', '--stripe', 'price_month', '--origin', originUrl, '--host', 'www.example.com']
  expect(await installed.run(folder, init)).toMatchObject({ code: 0, err: '' })
  appendFileSync(join(folder, '.dev.vars'), `STRIPE_KEY=${DOUBLE_KEY}\nSTRIPE_WEBHOOK=${WEBHOOK}\n`)
  const file = join(folder, 'faregate.config.ts')
  const text = readFileSync(file, 'utf8')
    .replace('stripe({', `stripe({ apiUrl: '${stripe.url}',`)
    .replace(/sell: \{\s*/, MORE)
    .replace(/routes: \[\s*/, PRICED)
  writeFileSync(file, text)
  const checked = await installed.run(folder, ['check'])
  expect([checked.code, checked.err, checked.out]).toEqual([0, '', expect.any(String)])
  gate = await installed.start(folder)
  stripe.double.webhooks.push({ url: `${gate.url}/__faregate/events/stripe`, secret: WEBHOOK })
}, 180_000)
afterAll(async () => {
  await gate?.end()
  await stripe.close()
  await shut(origin)
  installed.remove()
})

/** Follows the link to buy, pays at Stripe, and comes back. */
async function buy(browser: Browser, offer: string, to: string): Promise<string> {
  const begun = await browser.open(`/__faregate/checkout?offer=${offer}&to=${encodeURIComponent(to)}`)
  const checkout = begun.headers.get('location') ?? ''
  expect([begun.status, checkout]).toEqual([303, expect.stringMatching(stripe.url)])
  const form = new URLSearchParams({ method: 'card', email: `${offer}@example.com` })
  const paid = await fetch(checkout, { method: 'POST', body: form, redirect: 'manual' })
  const back = await browser.open(paid.headers.get('location') ?? '', 'cross-site')
  const page = await back.text()
  expect([back.status, page]).toEqual([200, expect.stringContaining(to)])
  return page
}

async function refund(payment: string): Promise<unknown> {
  const args = ['token', 'operator', '--key', 'billing.key.json', '--scope', 'refund']
  const { out } = await installed.run(folder, args)
  const headers = { authorization: `Bearer ${out.trim()}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ payment })
  return (await fetch(`${gate.url}/__faregate/refund`, { method: 'POST', headers, body })).json()
}

const statusOf = async (browser: Browser, path: string): Promise<number> => (await browser.open(path)).status
const newest = <T>(all: ReadonlyMap<string, T>): T => [...all.values()].at(-1) ?? expect.fail('there is none')

describe('a seller with an empty folder and a Stripe account', () => {
  it('sells a subscription, which is read, renewed, canceled in the portal, and over', async () => {
    const reader = new Browser(gate.url)
    const refused = await reader.open('/articles/1')
    expect([refused.status, await refused.text()]).toEqual([402, expect.stringContaining('/__faregate/checkout')])
    await buy(reader, 'monthly', '/articles/1')
    expect(await (await reader.open('/articles/1')).text()).toContain('The page /articles/1')
    const { id, customer } = newest(stripe.double.state.subscriptions)
    stripe.double.endPeriod(id)
    expect(await statusOf(reader, '/articles/2')).toBe(200)
    const portal = (await reader.open('/__faregate/portal?to=/articles/1')).headers.get('location') ?? ''
    expect(portal).toContain('/p/session/')
    const canceled = await fetch(portal, {
      method: 'POST',
      body: new URLSearchParams({ subscription: id, act: 'cancel' }),
    })
    expect(await canceled.text()).toContain('ends with its period')
    expect(await statusOf(reader, '/articles/3')).toBe(200)
    stripe.double.endPeriod(id)
    expect(stripe.double.entitlements(customer)).toEqual([])
    await expect.poll(() => statusOf(reader, '/articles/4'), { timeout: 20_000 }).toBe(402)
  })

  it('sells a page, and takes it back with the money', async () => {
    const reader = new Browser(gate.url)
    expect(await statusOf(reader, '/single/1')).toBe(402)
    await buy(reader, 'article', '/single/1')
    expect(await statusOf(reader, '/single/1')).toBe(200)
    expect(await statusOf(reader, '/single/2')).toBe(402)
    const { id } = newest(stripe.double.state.intents)
    expect(await refund(id)).toMatchObject({ payment: id, status: 'succeeded' })
    await expect.poll(() => statusOf(reader, '/single/1'), { timeout: 20_000 }).toBe(402)
  })

  it('sells credit, of which pages are paid once confirmed, and takes the rest back with the money', async () => {
    const reader = new Browser(gate.url)
    await buy(reader, 'topUp', '/calls/1')
    const credit = async (): Promise<string> =>
      await (await reader.open('/__faregate/account', 'none', 'application/json')).text()
    expect(await credit()).toContain('"10"')
    const { id } = newest(stripe.double.state.intents)
    stripe.double.refund(id, 500)
    await expect.poll(credit, { timeout: 20_000 }).toContain('"5"')
    await refund(id)
    await expect.poll(credit, { timeout: 20_000 }).not.toContain('"5"')
  })

  it('gives back one of two subscriptions to who bought twice', async () => {
    const reader = new Browser(gate.url)
    await buy(reader, 'monthly', '/articles/1')
    const again = await buy(reader, 'monthly', '/articles/2')
    const [, reference = ''] = /reference (cs_\w+)/.exec(again) ?? []
    expect(await refund(reference)).toMatchObject({ canceled: newest(stripe.double.state.subscriptions).id })
    expect(await statusOf(reader, '/articles/5')).toBe(200)
  })
})
