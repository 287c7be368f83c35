import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { bearer, defineConfig, reported } from '../../../src/index.ts'
import type { Ledger } from '../../../src/ports.ts'
import { createServices, type Services } from '../../../src/services.ts'
import { web } from '../../../src/platform/web/index.ts'
import { compiled } from '../../support/compiled.ts'
import { realObjects } from '../../support/services.ts'
import { linesOf } from '../../support/world.ts'
import { pieces, useBuyer } from './buyer.ts'

const { reader, order, send, statuses, ledger, totals, withLedger } = useBuyer('repeat.test.ts')
const MIB = 1024 * 1024

describe('a repeat', () => {
  it('is in conflict while the first is in flight, and answered after it', async () => {
    let finish: () => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('the '))
        finish = () => {
          controller.enqueue(new TextEncoder().encode('answer'))
          controller.close()
        }
      },
    })
    reader.world.origin = () => new Response(body)
    const first = await reader.ask('/reports/orders', await order('one'))
    const bytes = first.body?.getReader()
    // The first piece is there before the second is made.
    expect(new TextDecoder().decode((await bytes?.read())?.value)).toBe('the ')
    const meanwhile = await reader.ask('/reports/orders', await order('one'))
    expect([meanwhile.status, Number(meanwhile.headers.get('retry-after'))]).toEqual([409, 5])
    finish()
    while ((await bytes?.read())?.done === false);
    await reader.background.settled()
    const [again, all] = await send('/reports/orders', await order('one'))
    expect([again.status, new TextDecoder().decode(all)]).toEqual([200, 'the answer'])
    expect(reader.world.received).toHaveLength(1)
  })

  it('of an answer that its client broke off is another try', async () => {
    reader.world.origin = () => new Response(pieces(100_000))
    const first = await reader.ask('/reports/broken', await order('one'))
    const bytes = first.body?.getReader()
    await bytes?.read()
    await bytes?.cancel()
    await reader.background.settled()
    reader.world.origin = () => new Response('whole')
    const [again, body] = await send('/reports/broken', await order('one'))
    expect([again.status, new TextDecoder().decode(body)]).toEqual([200, 'whole'])
    expect(again.headers.get('idempotency-replayed')).toBeNull()
    expect(reader.world.received).toHaveLength(2)
  })

  it('takes a place under the rates, and is nothing else to a quota', async () => {
    const services = ownServices()
    const init = await order('one')
    expect(await statuses(4, '/rated/1', init, services)).toEqual([200, 200, 200, 429])
    expect([reader.world.received.length, (await totals()).charges]).toEqual([1, 1])
  })

  it('is refused to an account that is held', async () => {
    await send('/reports/held', await order('one'))
    const entry = { heldAt: Math.floor(Date.now() / 1000) }
    await ledger().recordStatement({ entries: [{ entry }], longestTokenSeconds: 3600 })
    const [again] = await send('/reports/held', await order('one'))
    expect([again.status, linesOf(reader.world).at(-1)?.['reason']]).toEqual([402, 'security-hold'])
  })

  it('of a metered request asks and counts nothing, and hides what the meter reads', async () => {
    const services = ownServices()
    reader.world.origin = () => new Response('rows', { headers: { 'faregate-usage': 'rows=7', etag: '"1"' } })
    const init = await order('one')
    const [first] = await send('/rows/1', init, services)
    const [again, body] = await send('/rows/1', init, services)
    expect([again.status, new TextDecoder().decode(body), again.headers.get('etag')]).toEqual([200, 'rows', '"1"'])
    expect([first, again].map(({ headers }) => headers.get('faregate-usage'))).toEqual([null, null])
    expect(await totals()).toMatchObject({ charges: 1, counts: expect.arrayContaining([{ name: 'rows', units: 7n }]) })
  })

  it('is in conflict on a route that keeps no answers', async () => {
    const services = ownServices()
    expect(await statuses(2, '/unkept/1', await order('one'), services)).toEqual([200, 409])
    const keepAnswer = vi.fn<Ledger['keepAnswer']>()
    await send('/unkept/1', await order('two'), { ...services, ledgers: withLedger({ keepAnswer }).ledgers })
    expect(keepAnswer).not.toHaveBeenCalled()
  })
})

/** Services of a configuration of this file's own. */
function ownServices(): Services {
  const zone = {
    name: 'news',
    hosts: ['news.test'],
    audience: 'https://news.test',
    issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
    rails: [bearer()],
    origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
    unmatched: 'closed' as const,
    remedies: { documentation: 'https://billing.test/problems' },
  }
  const paid = { requires: 'premium', cache: 'off' as const }
  const quota = { name: 'requests', unit: 'requests', quota: 1, window: 3600 }
  const rows = { name: 'rows', unit: 'rows', quota: 100, window: 3600 }
  const config = defineConfig({
    zones: [
      {
        ...zone,
        routes: [
          { ...paid, path: '/rated/*', quotas: [quota], rates: [{ requests: 3, seconds: 60 }] },
          { ...paid, path: '/rows/*', quotas: [rows], meter: reported({ most: { rows: 10 } }) },
          { ...paid, path: '/unkept/*', quotas: [quota], idempotency: { keep: false } },
        ],
      },
    ],
  })
  return createServices(compiled(config, { ...env }), { ...web({}), ...realObjects() })
}

describe('a ledger', () => {
  it('that does not keep the answer costs its client nothing but the repeat', async () => {
    const services = withLedger({ keepAnswer: async () => Promise.reject(new TypeError('down')) })
    const [first, body] = await send('/reports/orders', await order('one'), services)
    expect([first.status, new TextDecoder().decode(body)]).toEqual([200, 'the paid page'])
    expect(await statuses(1, '/reports/orders', await order('one'))).toEqual([409])
    expect((await totals()).unsettled).toBe(0)
  })

  it('that cannot say what it has kept lets its client come again', async () => {
    await send('/reports/orders', await order('one'))
    const services = withLedger({ keptAnswer: async () => Promise.reject(new TypeError('down')) })
    const [again] = await send('/reports/orders', await order('one'), services)
    expect([again.status, linesOf(reader.world).at(-1)?.['reason']]).toEqual([503, 'ledger-unavailable'])
    expect(again.headers.get('retry-after')).not.toBeNull()
    expect(await statuses(1, '/reports/orders', await order('one'))).toEqual([200])
  })

  it('that has the answer and never gets the amendment lets its client try again, and gives no answer away', async () => {
    const services = withLedger({ amend: async () => Promise.reject(new TypeError('the gate was killed')) })
    await send('/reports/orders', await order('one'), services)
    vi.setSystemTime(Date.now() + 2 * 3_600_000)
    const [again] = await send('/reports/orders', await order('one'))
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, null])
    const [third] = await send('/reports/orders', await order('one'))
    expect([third.status, third.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(reader.world.received).toHaveLength(2)
  })

  it('has the answer before it has the amendment', async () => {
    const told: string[] = []
    const note =
      <A extends unknown[], R>(name: string, call: (...given: A) => R) =>
      (...given: A): R => {
        told.push(name)
        return call(...given)
      }
    const services = withLedger({
      amend: note('amend', (command) => ledger().amend(command)),
      keepAnswer: note('keep', (command) => ledger().keepAnswer(command)),
    })
    await send('/reports/orders', await order('one'), services)
    expect(told).toEqual(['keep', 'amend'])
  })
})

describe('the memory for answers on their way', () => {
  it('if it is used up, leaves answers unkept and everything else as it is', async () => {
    const room = {
      terms: { maxBytes: 0, mostMs: 0, isAnonymous: false },
      keep: () => undefined,
      close: () => undefined,
    }
    const services: Services = {
      ...reader.services,
      makeRoom: (terms) => (terms.isSpare === true ? { ...room, grow: () => false } : reader.services.makeRoom(terms)),
    }
    const [first, body] = await send('/reports/orders', await order('one'), services)
    expect([first.status, new TextDecoder().decode(body)]).toEqual([200, 'the paid page'])
    expect(await statuses(1, '/reports/orders', await order('one'))).toEqual([409])
  })

  it('is given back whatever becomes of an answer', async () => {
    const open = new Set<object>()
    const services: Services = {
      ...reader.services,
      makeRoom: (terms) => {
        const room = reader.services.makeRoom(terms)
        open.add(room)
        return { ...room, close: () => (open.delete(room), room.close()) }
      },
    }
    const answers: (() => Response | Promise<Response>)[] = [
      () => new Response('whole'),
      () => new Response(new Uint8Array(MIB + 1)),
      () => new Response('no', { status: 500 }),
      () => Promise.reject(new TypeError('a bug')),
      () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) })),
    ]
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (const [index, answer] of answers.entries()) {
      reader.world.origin = answer
      await send('/reports/orders', await order(`${index}`), services).catch(() => undefined)
      await reader.background.settled()
    }
    logged.mockRestore()
    expect(open.size).toBe(0)
  })
})
