import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import type { Meter } from '../../src/index.ts'
import { createWorld, linesOf, type World } from '../support/world.ts'
import type { Gate } from '../workerd/cache/gate.ts'
import { type Client, createClient, meteredGate, piecesOf } from '../workerd/meters/gate.ts'

/** What the contract has to know of a meter, which counts `words`. */
export interface MeterUnderTest {
  readonly create: () => Meter
  /** A request that is bounded by 40 words. */
  readonly asking: RequestInit & { readonly method: 'POST'; readonly body: string }
  /** What an origin answers that has used so many words, in pieces of these lengths. */
  readonly answering: (words: number, lengths?: readonly number[]) => Response
  /** What it is charged for an answer that is cut off after its first words; undefined if that depends on the pieces. */
  readonly isKnownAtOnce: boolean
}

const BOUND = 40
const MUCH = 1_000_000

/** The contract of meters, over the whole Worker: each passes all of it. */
export function holdMeterToContract({ create, asking, answering, isKnownAtOnce }: MeterUnderTest): void {
  let world: World
  let warn: MockInstance
  let gate: Gate
  let client: Client

  /** A client whose plan has so many words. */
  const join = (quota = MUCH): void => void (client = createClient(gate, world, quota))
  const answer = (words: number, lengths?: readonly number[]): void =>
    void (world.origin = () => answering(words, lengths))

  beforeEach(async () => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    world = await createWorld()
    gate = meteredGate(create())
    join()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    world.end()
  })

  it('charges what was counted, and never more than was reserved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 6 }), async (all) => {
        join()
        const init = await client.withToken(asking)
        for (const words of all) {
          answer(words)
          expect((await client.visit('/metered/x', init)).status).toBe(200)
        }
        expect(await client.charged()).toBe(all.reduce((sum, words) => sum + Math.min(words, BOUND), 0))
        const { recent } = await client.reading()
        for (const { kept, reserved } of recent)
          for (const [index, { units }] of kept.counts.entries())
            expect(units <= (reserved.counts[index]?.units ?? 0n)).toBe(true)
      }),
      { numRuns: 12 },
    )
  })

  it('charges the bound for more, with one line in the log that says no secret', async () => {
    answer(BOUND + 1)
    const init = await client.withToken(asking)
    await client.visit('/metered/secret-path?secret=1', init)
    expect(await client.charged()).toBe(BOUND)
    const lines = warn.mock.calls.map(([line]) => JSON.parse(String(line)) as object)
    const [{ id } = {}] = linesOf(world)
    const { name } = create()
    expect(lines).toEqual([
      { meter: name, error: 'bound-exceeded', id, zone: 'news', route: '/metered/*', names: ['words'] },
    ])
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${client.account}|eyJ|secret`))
  })

  it.each([
    ['a failure', 500],
    ['what is not there', 404],
    ['a refusal of the origin', 429],
    ['a redirect', 302],
    ['what did not change', 304],
  ])('charges nothing for %s, and shows no field of its own', async (_what, status) => {
    world.origin = () => {
      const { headers, body } = answering(7)
      return new Response(status === 304 ? null : body, { status, headers })
    }
    const { headers, status: got } = await client.visit('/metered/x', await client.withToken(asking))
    expect([got, await client.charged()]).toEqual([status, 0])
    for (const field of create().fields ?? []) expect(headers.has(field)).toBe(false)
  })

  it('charges nothing for HEAD, and nothing where no server answers', async () => {
    const { headers } = await client.withToken(asking)
    answer(7)
    const { status } = await client.visit('/metered/x', { method: 'HEAD', ...(headers && { headers }) })
    expect([status === 200 || status === 400, await client.charged()]).toEqual([true, 0])
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    world.origin = () => Promise.reject(new Error('down'))
    expect((await client.visit('/metered/x', await client.withToken(asking))).status).toBe(502)
    expect(await client.charged()).toBe(0)
  })

  it('has no field of its own leave, or come from a client in any spelling', async () => {
    answer(7)
    const fields = create().fields ?? []
    const spellings = fields.flatMap((name) => [name, name.replaceAll('-', '_'), name.replaceAll('-', '.')])
    const forged = Object.fromEntries(spellings.map((name) => [name, 'words=0']))
    const init = await client.withToken({ ...asking, headers: { ...(asking.headers as object), ...forged } })
    for (const path of ['/metered/x', '/watched/x', '/sold/x']) {
      await client.grant(250_000_000n)
      const { status, headers } = await client.visit(path, init)
      expect(status).toBe(200)
      for (const field of fields) expect(headers.has(field)).toBe(false)
    }
    const shown = JSON.stringify(world.received.map(({ headers }) => [...headers]))
    expect([world.received.length, shown.includes('words=0')]).toEqual([3, false])
  })

  it('is not overspent by many at once', async () => {
    join(100)
    const init = await client.withToken(asking)
    answer(BOUND)
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.send('/metered/x', init)))
    expect(await client.charged()).toBeLessThanOrEqual(100)
    const served = answers.filter(({ status }) => status === 200).length
    expect([served >= 2, served <= 3]).toEqual([true, true])
    await Promise.all(answers.map((response) => response.text()))
    await gate.settled()
    expect(await client.charged()).toBeLessThanOrEqual(100)
    expect((await client.reading()).unsettled).toEqual([])
  })

  it('counts under a limit whose unit it counts as under one of that name', async () => {
    const limits = [{ name: 'monthly', unit: 'words', quota: 100, window: 'P1M' }]
    const init = await client.withToken(asking, { limits })
    answer(7)
    for (let times = 0; times < 8; times++) expect((await client.visit('/metered/x', init)).status).toBe(200)
    const counts = Object.fromEntries((await client.reading()).totals.counts.map(({ name, units }) => [name, units]))
    expect(counts).toMatchObject({ monthly: 56n, words: 56n })
  })

  it.each([
    ['whose plan is used up', 402],
    ['who presents nothing', 402],
    ['who presents something else', 402],
  ])('has a client refused %s before the content of the request is read', async (who, status) => {
    join(100)
    answer(BOUND)
    const good = await client.withToken(asking)
    for (let times = 0; times < 4; times++) await client.visit('/metered/x', good)
    const pull = vi.fn()
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    const { headers, ...rest } = await client.withToken({ ...asking, body: '' })
    const fields = new Headers(headers)
    if (who === 'who presents nothing') fields.delete('authorization')
    if (who === 'who presents something else') fields.set('authorization', 'Bearer x')
    const before = world.received.length
    const response = await client.visit('/metered/x', { ...rest, headers: fields, body })
    expect([response.status, pull.mock.calls.length, world.received.length - before]).toEqual([status, 0, 0])
  })

  it('counts nothing while its route is only watched', async () => {
    answer(7)
    const { status } = await client.visit('/watched/x', await client.withToken(asking))
    const { totals } = await client.reading()
    expect([status, totals.charges]).toEqual([200, 0])
  })

  it('counts nothing for a receipt, which pays for one request whatever it uses', async () => {
    answer(50)
    const jti = `receipt of ${client.account}`
    const init = await client.receipt(asking, jti)
    expect((await client.visit('/sold/x', init)).status).toBe(200)
    expect((await client.visit('/sold/x', init)).status).toBe(402)
    expect([await client.usesOf(jti), (await client.reading()).totals.charges]).toEqual([1, 0])
    expect(world.received).toHaveLength(1)
  })

  it('commits the price of a request itself beside what it counts', async () => {
    await client.grant(1_000_000_000n)
    answer(7)
    const init = await client.withToken(asking, { entitlements: [] })
    expect((await client.visit('/sold/x', init)).status).toBe(200)
    expect([await client.credit(), await client.charged()]).toEqual([750_000_000n, 7])
  })

  it('reads the content of a request once, with a key too, and charges that once', async () => {
    answer(7)
    const pulled: string[] = []
    const again = () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled.push(asking.body)
            controller.enqueue(new TextEncoder().encode(asking.body))
            controller.close()
          },
        },
        { highWaterMark: 0 },
      )
    const keyed = await client.withToken({
      ...asking,
      headers: { ...(asking.headers as object), 'idempotency-key': 'one' },
    })
    expect((await client.visit('/metered/x', { ...keyed, body: again() })).status).toBe(200)
    expect(pulled).toHaveLength(1)
    const replayed = await client.visit('/metered/x', { ...keyed, body: again() })
    expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    const other = asking.body.replace('40', '39')
    expect((await client.visit('/metered/x', { ...keyed, body: other })).status).toBe(409)
    expect([world.received.length, await client.charged()]).toEqual([1, 7])
  })

  it('counts the same however the answer is split', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: BOUND }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (words, lengths) => {
          join()
          answer(words, lengths)
          expect((await client.visit('/metered/x', await client.withToken(asking))).status).toBe(200)
          expect(await client.charged()).toBe(words)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('charges a client that leaves for what was generated, and no more than was reserved', async () => {
    answer(30, [11])
    const response = await client.send('/metered/x', await client.withToken(asking))
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await gate.settled()
    expect(await client.charged()).toBe(30)
    expect((await client.reading()).unsettled).toEqual([])
  })

  it('charges what had come where the answer breaks off', async () => {
    const { headers } = answering(30)
    world.origin = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          async start(controller) {
            for await (const piece of piecesOf('one two three\nfour five')) controller.enqueue(piece)
            setTimeout(() => controller.error(new Error('broken')), 1)
          },
        }),
        { headers },
      )
    const { status, text } = await client.visit('/metered/x', await client.withToken(asking))
    expect([status, text]).toEqual([200, 'broken'])
    expect(await client.charged()).toBe(isKnownAtOnce ? 30 : 5)
  })
}
