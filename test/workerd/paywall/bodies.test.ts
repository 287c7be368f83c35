import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import type { Ledger } from '../../../src/ports.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { withToken, createWorld, linesOf, type World } from '../../support/world.ts'
import type { Services } from '../../../src/services.ts'
import { ledgerOf, readingOf } from '../objects.ts'

let world: World
let services: Services
let account: string
let number = 0

beforeEach(async () => {
  world = await createWorld()
  services = newServices(realObjects())
  account = `account ${++number} of bodies.test.ts`
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

async function ask(path: string, init: RequestInit): Promise<Response> {
  const behind = { origin: worldOrigin(world), purge: async () => true }
  return createApp(services, ENDPOINTS)(new Request(`https://news.test${path}`, init), behind, () => undefined)
}

/** A body of which so much comes, and then nothing, or its breaking off. `reads` counts how often it was asked for more. */
function bodyOf(bytes: number, then: 'stalls' | 'breaks' | 'ends') {
  let reads = 0
  let left = bytes
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        reads++
        const size = Math.min(left, 64 * 1024)
        left -= size
        if (size > 0) return controller.enqueue(new Uint8Array(size))
        if (then === 'breaks') return controller.error(new TypeError('the client is gone'))
        return then === 'ends' ? controller.close() : new Promise<void>(() => undefined)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, reads: () => reads }
}

/** Each endpoint that reads a body, as someone asks it who may, and how long it waits at most. */
type Asking = [what: string, path: string, headers: () => Promise<Record<string, string>>, mostMs: number]
const askings: Asking[] = [
  ['content with a key', '/metered/1', async () => keyed(), 20_000],
  ['an order', '/__faregate/purge', async () => ordered(), 10_000],
  ['an event', '/__faregate/events', async () => ({ 'content-type': 'application/secevent+jwt' }), 5000],
]

async function keyed(): Promise<Record<string, string>> {
  const { headers } = withToken(await world.token({ sub: account }))
  return { ...headers, 'idempotency-key': 'one' }
}

async function ordered(): Promise<Record<string, string>> {
  return { ...withToken(await world.operator()).headers, 'content-type': 'application/json' }
}

/** Requests whose bodies have begun, and go on for ever. */
async function stall(count: number, bytes: number, [, path, headers]: Asking): Promise<void> {
  const sent = await headers()
  const open = Array.from({ length: count }, () => {
    const { body, reads } = bodyOf(bytes, 'stalls')
    void ask(path, { method: 'POST', headers: sent, body })
    return reads
  })
  const most = Math.ceil(bytes / (64 * 1024)) + 1
  await vi.waitFor(() => expect(open.every((reads) => reads() === most)).toBe(true))
}

describe.each(askings)('%s', (...asking) => {
  const [, path, headers, mostMs] = asking

  it('that does not come in time is answered 408, and nothing is done', async () => {
    const sent = await headers()
    const { body, reads } = bodyOf(1, 'stalls')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const response = ask(path, { method: 'POST', headers: sent, body })
    for (let turns = 0; reads() < 2 && turns < 10_000; turns++) await Promise.resolve().then(() => scheduler.wait(0))
    vi.advanceTimersByTime(mostMs - 1)
    const early = await Promise.race([response, scheduler.wait(0).then(() => 'still waiting')])
    expect(early).toBe('still waiting')
    vi.advanceTimersByTime(1)
    expect([(await response).status, linesOf(world).at(-1)]).toMatchObject([408, { reason: 'request-timeout' }])
    expect((await readingOf(accountLedger(account))).totals.charges).toBe(0)
  })

  it('that breaks off is answered 400, and nothing is done', async () => {
    const response = await ask(path, { method: 'POST', headers: await headers(), body: bodyOf(1, 'breaks').body })
    expect([response.status, linesOf(world).at(-1)]).toMatchObject([400, { reason: 'request-malformed' }])
    expect((await readingOf(accountLedger(account))).totals.charges).toBe(0)
  })
})

/** An account that could be charged for nothing, with how it is refused. */
const unable: [what: string, path: string, prepare: (ledger: Ledger) => unknown, reason: string][] = [
  ['has too little credit', '/reports/1', () => undefined, 'credit-insufficient'],
  ['has used up its plan', '/metered/1', (ledger) => useUp(ledger), 'usage-limit-reached'],
]

async function useUp(_ledger: Ledger): Promise<void> {
  for (let time = 0; time < 3; time++) await ask('/metered/1', withToken(await world.token({ sub: account })))
}

describe('an account that cannot pay', () => {
  it.each(unable)('and %s is refused before its content is read', async (_what, path, prepare, reason) => {
    await prepare(ledgerOf(accountLedger(account)))
    const charges = (await readingOf(accountLedger(account))).totals.charges
    const { body, reads } = bodyOf(1, 'stalls')
    const response = await ask(path, { method: 'POST', headers: await keyed(), body })
    expect([response.status, linesOf(world).at(-1)?.['reason'], reads()]).toEqual([402, reason, 0])
    expect((await readingOf(accountLedger(account))).totals.charges).toBe(charges)
  })

  it('for a new key is answered under the one that it has paid with', async () => {
    await ledgerOf(accountLedger(account)).grant({ id: 'one', units: 250_000_000n, currency: 'USD' })
    const post = async () => ask('/reports/1', { method: 'POST', headers: await keyed(), body: 'an order' })
    const paid = await post()
    expect([paid.status, await paid.text()]).toEqual([200, 'the paid page'])
    const again = await post()
    expect([again.status, await again.text()]).toEqual([200, 'the paid page'])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('is refused while no ledger can say what it has, and nothing is read', async () => {
    const down: Ledger = {
      ...ledgerOf(accountLedger(account)),
      dryRun: async () => Promise.reject(new TypeError('down')),
    }
    services = { ...services, ledgers: () => down }
    const { body, reads } = bodyOf(1, 'stalls')
    const response = await ask('/metered/1', { method: 'POST', headers: await keyed(), body })
    expect([response.status, linesOf(world).at(-1)?.['reason'], reads()]).toEqual([503, 'ledger-unavailable', 0])
  })
})

describe('the memory for bodies', () => {
  const [withKey, order, event] = askings as [Asking, Asking, Asking]
  const MIB = 1024 * 1024

  it('is not taken beyond its budget by content that stalls: what comes then is answered 503', async () => {
    await stall(5, MIB - 1, withKey)
    const { body, reads } = bodyOf(MIB - 1, 'ends')
    const refused = await ask('/metered/1', { method: 'POST', headers: await keyed(), body })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect([linesOf(world).at(-1)?.['reason'], reads() < 10]).toEqual(['overloaded', true])
    expect((await ask('/articles/1', withToken(await world.token()))).status).toBe(200)
  })

  it('is left to orders and to content by those who post events', async () => {
    await stall(21, 64 * 1024 - 1, event)
    const tell = (headers: Record<string, string>) =>
      ask(event[1], { method: 'POST', headers, body: bodyOf(64 * 1024 - 1, 'ends').body })
    expect((await tell(await event[2]())).status).toBe(503)
    const purged = await ask(order[1], { method: 'POST', headers: await order[2](), body: '{"everything":true}' })
    expect(purged.status).toBe(200)
  })

  it('is free again once a body is read and sent on', async () => {
    for (let time = 0; time < 8; time++) {
      const token = await world.token({ sub: `${account} ${time}` })
      const headers = { ...withToken(token).headers, 'idempotency-key': 'one' }
      const sent = await ask('/metered/1', { method: 'POST', headers, body: new Uint8Array(MIB) })
      expect(sent.status).toBe(200)
    }
  })
})
