import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alerts } from '../../src/index.ts'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { encodeTally } from '../../src/tallies/rules/encoding.ts'
import { applyTally } from '../../src/tallies/rules/book.ts'
import type { TallyStores } from '../../src/tallies/rules/stores.ts'
import { Tally } from '../../src/tallies/rules/tally.ts'
import type { WatchPlatform } from '../../src/tallies/watch.ts'
import type { AlertsOptions } from '../../src/alerts/options.ts'
import type { AlertMessage } from '../../src/alerts/rules/message.ts'
import { createBodySigner } from '../../src/usage/signing.ts'
import { compiled, faultsOf, siteAt, ZONE } from '../support/compiled.ts'

const MINUTE = 60_000
const BEGAN = Date.parse('2026-11-29T09:00:00Z')
const SECRET = '0123456789abcdef0123456789abcdef'
const ONE = 'https://one.test/hook'
const TWO = 'https://two.test/hook'

beforeEach(() => {
  vi.useFakeTimers({ now: BEGAN })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

type Receiver = (message: AlertMessage) => Promise<number>

function world(options: Partial<AlertsOptions> = {}, endpoints: WatchPlatform['endpoints'] = [{ path: 'operator' }]) {
  const objects = Array.from({ length: 8 }, () => new MemoryTallies())
  const broken = new Set<number>()
  const stores: TallyStores = (_zone, shard) => async (command) => {
    const object = objects[shard]
    if (object === undefined || broken.has(shard)) throw new Error('no answer')
    return applyTally(object, command, Date.now())
  }
  const { sites } = compiled({ zones: [ZONE] })
  const { zone } = siteAt({ sites }, 'a.test')
  const receivers = new Map<string, Receiver>()
  const got: [string, AlertMessage][] = []
  const signatures: [string, string][] = []
  const receive: typeof fetch = async (input, init) => {
    const { url } = new Request(input)
    const body = typeof init?.body === 'string' ? init.body : ''
    const message = JSON.parse(body) as AlertMessage
    signatures.push([new Headers(init?.headers).get('faregate-signature') ?? '', body])
    const answered = receivers.get(url)?.(message) ?? Promise.resolve(200)
    const late = new Promise<never>((_, reject) =>
      init?.signal?.addEventListener('abort', () => reject(new DOMException('too late', 'TimeoutError'))),
    )
    const status = await Promise.race([answered, late])
    if (status === 200) got.push([new URL(url).host, message])
    return new Response(null, { status })
  }
  const { watch } = alerts({
    to: [
      { url: ONE, secret: 'SECRET' },
      { url: TWO, secret: 'SECRET' },
    ],
    ...options,
  })
  const bindings = bindingsOf({ SECRET })
  const platform = { sites, stores, clock: () => Date.now(), fetch: receive, bindings, endpoints }
  const look = watch?.createWatch(platform)
  const [first] = objects
  if (look === undefined || first === undefined) throw new Error('nothing looks')
  const post = (tally: Tally, shard: number) =>
    stores(
      zone.id,
      shard,
      {},
    )({
      kind: 'post',
      timeZone: 'UTC',
      minutes: [[Math.floor(Date.now() / MINUTE) * MINUTE, encodeTally(tally)]],
      configuration: 'one',
    })
  return {
    receivers,
    got,
    signatures,
    broken,
    /** Has customers refused now, told to one of the objects. */
    hurt: (accounts: number, shard = 3) => {
      const tally = new Tally()
      for (let each = 0; each < accounts; each++) tally.addHurt(`account-${shard}-${each}`)
      return post(tally, shard)
    },
    atWork: () => stores(zone.id, 0, {})({ kind: 'note', zone: zone.id, conditions: [] }),
    /** Lets minutes pass, with one look at the end of each. Gives how the last ended. */
    minutes: async (count: number): Promise<boolean> => {
      let goesOn = true
      for (let each = 0; each < count; each++) {
        await vi.advanceTimersByTimeAsync(MINUTE)
        const looking = look({ storage: first, transact: (work) => work() })
        await vi.advanceTimersByTimeAsync(30_000)
        goesOn = await looking
        vi.setSystemTime(Date.now() - 30_000)
      }
      return goesOn
    },
  }
}

const told = (got: readonly (readonly [string, AlertMessage])[], host = 'one.test'): string[] =>
  got.filter(([to]) => to === host).map(([, { alert, state }]) => `${alert} ${state}`)

describe('customers who are refused', () => {
  it('fire once and are resolved once, added up over all objects, though traffic has stopped', async () => {
    const { hurt, atWork, minutes, got } = world()
    await atWork()
    await hurt(3, 3)
    await minutes(3)
    expect(got).toEqual([])
    await hurt(3, 5)
    await minutes(4)
    expect(told(got)).toEqual(['customers-refused firing'])
    expect(got[0]?.[1]).toMatchObject({
      zone: 'a',
      observed: 6,
      usual: 0,
      threshold: 5,
      link: 'https://a.test/__faregate/operator',
    })
    await minutes(25)
    expect(told(got)).toEqual(['customers-refused firing', 'customers-refused resolved'])
    expect(told(got, 'two.test')).toEqual(told(got))
    expect(JSON.stringify(got)).not.toContain('account-')
  })

  it('are beside those of the same minutes last week', async () => {
    const { hurt, atWork, minutes, got } = world()
    await hurt(4)
    vi.setSystemTime(BEGAN + 7 * 24 * 60 * MINUTE)
    await atWork()
    await hurt(11)
    await minutes(4)
    expect(got).toEqual([])
    await hurt(12, 6)
    await minutes(3)
    expect(got[0]?.[1]).toMatchObject({ state: 'firing', observed: 23, usual: 4, threshold: 12 })
  })
})

it('a message is signed as everything that the gate posts', async () => {
  const { hurt, atWork, minutes, signatures } = world()
  await atWork()
  await hurt(5)
  await minutes(3)
  const [signature = '', body = ''] = signatures[0] ?? []
  const seconds = Number(/^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature)?.[1])
  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(120)
  expect(await createBodySigner(SECRET)(seconds, body)).toBe(signature)
})

describe('a receiver', () => {
  it('that answers 500 is told again, from what is stored, later each time and in order, with the same id', async () => {
    const { receivers, hurt, atWork, minutes, got } = world()
    const tries: number[] = []
    const ids = new Set<string>()
    receivers.set(ONE, async ({ id }) => {
      tries.push(Math.round((Date.now() - BEGAN) / MINUTE))
      ids.add(id)
      return 500
    })
    await atWork()
    await hurt(9)
    await minutes(26)
    expect(told(got, 'two.test')).toEqual(['customers-refused firing', 'customers-refused resolved'])
    expect([told(got), ids.size]).toEqual([[], 1])
    expect(tries.length).toBeGreaterThan(4)
    expect(tries.length).toBeLessThan(9)
    receivers.delete(ONE)
    await minutes(11)
    expect(told(got)).toEqual(['customers-refused firing', 'customers-refused resolved'])
    expect(ids).toContain(got.find(([to]) => to === 'one.test')?.[1].id)
  })

  it('that never answers delays no other', async () => {
    const { receivers, hurt, atWork, minutes, got } = world()
    receivers.set(ONE, () => new Promise(() => undefined))
    await atWork()
    await hurt(9)
    await minutes(3)
    expect([told(got), told(got, 'two.test')]).toEqual([[], ['customers-refused firing']])
  })

  it('that refuses a message as such is not sent it for ever, and gets the next', async () => {
    const { receivers, hurt, atWork, minutes, got } = world()
    receivers.set(ONE, async ({ state }) => (state === 'firing' ? 400 : 200))
    await atWork()
    await hurt(9)
    await minutes(40)
    expect(told(got)).toEqual(['customers-refused resolved'])
    expect(vi.mocked(console.warn).mock.calls.at(-1)?.[0]).toContain('"dropped":true')
    expect(JSON.stringify(vi.mocked(console.warn).mock.calls)).not.toContain('/hook')
  })
})

it('sums that cannot be read resolve nothing, and are an alert', async () => {
  const { broken, hurt, atWork, minutes, got } = world()
  await atWork()
  await hurt(9)
  await minutes(4)
  broken.add(7)
  await minutes(20)
  expect(told(got)).toEqual(['customers-refused firing', 'sums-unread firing'])
  broken.clear()
  await minutes(6)
  expect(told(got).slice(2)).toEqual(['customers-refused resolved', 'sums-unread resolved'])
})

it('nobody looks on when nobody was at work for half an hour and all is told', async () => {
  const { atWork, hurt, minutes, receivers } = world()
  await atWork()
  expect(await minutes(29)).toBe(true)
  expect(await minutes(1)).toBe(false)
  await atWork()
  await hurt(9)
  receivers.set(ONE, async () => 503)
  expect(await minutes(90)).toBe(true)
  receivers.clear()
  expect(await minutes(11)).toBe(false)
})

it.each<[object, string]>([
  [{ to: [] }, 'endpoints[0].to'],
  [{ to: [{ url: 'http://hooks.test', secret: 'SECRET' }] }, 'endpoints[0].to[0].url'],
  [{ to: [{ url: ONE, secret: 'OTHER' }] }, 'endpoints[0].to[0].secret'],
  [{ to: [{ url: ONE, secret: 'SECRET' }], forMinutes: -1 }, 'endpoints[0].forMinutes'],
  [
    { to: [{ url: ONE, secret: 'SECRET' }], thresholds: { 'customers-hurt': false } },
    'endpoints[0].thresholds.customers-hurt',
  ],
  [
    { to: [{ url: ONE, secret: 'SECRET' }], thresholds: { 'origin-failing': { share: 2 } } },
    'endpoints[0].thresholds.origin-failing.share',
  ],
])('%j is a fault of the configuration', (options, path) => {
  const faults = faultsOf({ zones: [ZONE], endpoints: [alerts(options as AlertsOptions)] }, { SECRET })
  expect(faults.map((fault) => fault.path)).toEqual([path])
  expect(JSON.stringify(faults)).not.toContain(SECRET)
})

it('a threshold is changed, or an alert switched off', async () => {
  const { hurt, atWork, minutes, got } = world({ thresholds: { 'customers-refused': { atLeast: 20 } } })
  await atWork()
  await hurt(19)
  await minutes(4)
  expect(got).toEqual([])
  const off = world({ thresholds: { 'customers-refused': false } })
  await off.atWork()
  await off.hurt(50)
  await off.minutes(4)
  expect(off.got).toEqual([])
})

it.each<[string, Partial<AlertsOptions>, WatchPlatform['endpoints'], string]>([
  ['the dashboard of the zone', {}, [{ path: 'operator' }], 'https://a.test/__faregate/operator'],
  ['its own host', {}, [{ path: 'operator', host: 'ops.test' }], 'https://ops.test/__faregate/operator'],
  ['the alerts, without one', {}, [{ path: 'alerts' }], 'https://a.test/__faregate/alerts'],
  ['what is said', { link: 'https://runbook.test/' }, [{ path: 'operator' }], 'https://runbook.test/'],
])('a message links to %s', async (_, options, endpoints, link) => {
  const { hurt, atWork, minutes, got } = world(options, endpoints)
  await atWork()
  await hurt(9)
  await minutes(3)
  expect(got[0]?.[1].link).toBe(link)
  expect(got[0]?.[1].text.endsWith(` ${link}`)).toBe(true)
})
