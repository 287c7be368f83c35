import { createServer, request as httpRequest, type Server } from 'node:http'
import { Stripe } from 'stripe'
import { expect, it } from 'vitest'
import { open, shut } from '../../../tools/loopback.ts'
import { type Running, startAll } from '../running.ts'

/** An origin that numbers its orders, and makes each only when it is let. */
function shopOf(): { readonly server: Server; readonly orders: () => number; let: () => void } {
  let orders = 0
  const waiting: (() => void)[] = []
  const server = createServer((_request, response) => {
    const order = ++orders
    const answer = (): void => {
      response.writeHead(201, { 'content-type': 'application/json', 'request-id': `req_${order}` })
      response.end(JSON.stringify({ order }))
    }
    if (shop.isOpen) answer()
    else waiting.push(answer)
  })
  const shop = {
    isOpen: false,
    server,
    orders: () => orders,
    let: () => {
      shop.isOpen = true
      for (const answer of waiting.splice(0)) answer()
    },
  }
  return shop
}

/** A way to the gate that loses the first answers, after all of them came. */
function lossy(gate: string, lost: number): Server {
  let answers = 0
  return createServer((request, response) => {
    const { url = '/', method = 'GET', headers } = request
    const forwarded = httpRequest(new URL(url, gate), { method, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        if (++answers <= lost) return response.destroy()
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        response.end(Buffer.concat(chunks))
        return undefined
      })
    })
    request.pipe(forwarded)
  })
}

async function clientOf(at: string, gate: Running, sub: string): Promise<Stripe> {
  const bearer = await gate.token('--sub', sub, '--entitlements', 'api', '--limit', 'requests=5/3600')
  const { hostname: host, port } = new URL(at)
  return new Stripe(bearer, { host, port, protocol: 'http', maxNetworkRetries: 3, telemetry: false })
}

async function chargesOf(gate: Running, sub: string): Promise<unknown> {
  const bearer = await gate.token('--sub', sub, '--entitlements', 'api', '--limit', 'requests=5/3600')
  const response = await fetch(`${gate.gate}/__faregate/account`, { headers: { authorization: `Bearer ${bearer}` } })
  const { account } = (await response.json()) as { account: { charges: { total: number } } }
  return account.charges
}

it('a client as APIs have them gets the answers that it lost, each made and charged once', async () => {
  const shop = shopOf()
  shop.let()
  const gate = await startAll(await open(shop.server))
  const way = lossy(gate.gate, 2)
  const stripe = await clientOf(await open(way), gate, 'lost')
  const first = await stripe.rawRequest('POST', '/api/orders', { item: 'a book' })
  expect(first).toMatchObject({ order: 1, lastResponse: { statusCode: 201, headers: { 'request-id': 'req_1' } } })
  expect(first.lastResponse.headers).toMatchObject({ 'idempotency-replayed': 'true' })
  expect(await stripe.rawRequest('POST', '/api/orders', { item: 'a book' })).toMatchObject({ order: 2 })
  expect(shop.orders()).toBe(2)
  expect(await chargesOf(gate, 'lost')).toMatchObject({ total: 2, unsettled: 0 })
  await shut(way)
  await gate.stop()
  await shut(shop.server)
})

it('two such clients with one key at once get one answer', async () => {
  const shop = shopOf()
  const gate = await startAll(await open(shop.server))
  const clients = await Promise.all([1, 2].map(() => clientOf(gate.gate, gate, 'both')))
  const asked = clients.map((stripe) =>
    stripe.rawRequest('POST', '/api/orders', { item: 'a book' }, { idempotencyKey: 'one' }),
  )
  await expect.poll(() => gate.log.filter((line) => line.includes('"status":409')).length).toBeGreaterThan(0)
  shop.let()
  expect(await Promise.all(asked)).toMatchObject([{ order: 1 }, { order: 1 }])
  expect(await chargesOf(gate, 'both')).toMatchObject({ total: 1, unsettled: 0 })
  await gate.stop()
  await shut(shop.server)
})
