import { presenting } from '../support/proofs.ts'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Entitlement } from '../../src/access/entitlement.ts'
import { match } from '../../src/access/route.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { SESSION_OVER, supervise } from '../../src/content/session.ts'
import { createBulletinResolver } from '../../src/standing/resolve.ts'
import { watchOf } from '../../src/content/watch.ts'
import type { AdmittedRequest } from '../../src/ports.ts'
import { compiled, siteAt } from '../support/compiled.ts'
import config from '../support/config.ts'
import { NO_LEDGER } from '../support/ledger.ts'
import { advanceTime } from '../tokens/endpoint.ts'
import { BOUND, FINE, Isolate, ISSUER, SECOND, stopTime, Store } from '../standing/isolates.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** What an account's token opened at this moment. */
function openedBy(account: string, path = '/live/1', entitlements = ['premium']): AdmittedRequest {
  const { zone } = siteAt(compiled(config, { ACCOUNT_HASH_KEY: 'a key for the tests' }), 'news.test')
  const target = readTarget(path, '')
  const matched = target.ok ? match(zone.routes, target.value, 'GET') : undefined
  if (matched?.ok !== true) throw new Error('there is no such page')
  const now = Math.floor(Date.now() / 1000)
  const proof: Entitlement = {
    kind: 'entitlement',
    issuer: ISSUER,
    account,
    jti: undefined,
    entitlements,
    plan: undefined,
    limits: [],
    standing: 'active',
    accountHash: undefined,
    issuedAt: now,
    notBefore: now,
    expires: now + 3600,
    toleranceSeconds: 5,
  }
  const exchange = {
    method: 'GET',
    target: target.ok ? target.value : undefined,
    fields: new Headers(),
    scheme: 'https',
    host: 'news.test',
    now: Date.now(),
  }
  return { zone, route: matched.value, exchange, proof } as unknown as AdmittedRequest
}

const STEP_MS = 250

interface Course {
  readonly sayAfterMs: number
  readonly account: string
  /** How often a request asks the same isolate. */
  readonly askEveryMs: number
  readonly downFromMs?: number
  readonly downMs?: number
}

/** When a stream of one isolate ends, in an hour at most, where something is said in another. */
async function lives(course: Course): Promise<{ said: number; ended: number }> {
  const { sayAfterMs, account, askEveryMs, downFromMs = Infinity, downMs = 0 } = course
  const store = new Store()
  const [here, there] = [new Isolate(store), new Isolate(store)]
  const clock = (): number => Date.now()
  const admitted = openedBy('account-7')
  const resolveStanding = createBulletinResolver(here.bulletins, () => NO_LEDGER, clock)
  const watch = watchOf(admitted, { resolveStanding, clock }, (work) => void here.behind.push(work))
  await here.of()
  let ended = Infinity
  supervise({ lastsMs: 3600 * SECOND, overdue: SESSION_OVER, watch }, () => (ended = Date.now()))
  let said = Infinity
  for (let ms = 0; ms <= sayAfterMs + 3 * BOUND; ms += STEP_MS) {
    store.weather = { ...FINE, kind: ms >= downFromMs && ms < downFromMs + downMs ? 'fails' : 'fine' }
    if (said === Infinity && ms >= sayAfterMs && (await there.post(account))) said = Date.now()
    if (ms % askEveryMs < STEP_MS) await here.of()
    await advanceTime(STEP_MS)
  }
  return { said, ended }
}

const times = { sayAfterMs: fc.nat(2 * BOUND), askEveryMs: fc.integer({ min: 250, max: 2 * BOUND }) }
const RETRY_MS = 500

it('a stream ends within the bound of what is said of its account, wherever it is said', async () => {
  const property = fc.asyncProperty(fc.record(times), async (course) => {
    const { said, ended } = await lives({ ...course, account: 'account-7' })
    expect(ended).toBeGreaterThanOrEqual(said)
    expect(ended - said).toBeLessThanOrEqual(BOUND)
  })
  await fc.assert(property, { numRuns: 40 })
}, 60_000)

it('a stream goes on, whatever is said of another account', async () => {
  const course = { sayAfterMs: SECOND, askEveryMs: SECOND, account: 'account-8' }
  expect((await lives(course)).ended).toBe(Infinity)
})

it('a stream ends within the bound where the bulletin is down, and not for a read that fails', async () => {
  const down = { downFromMs: fc.nat(2 * BOUND), downMs: fc.constantFrom(SECOND, 2 * SECOND, 3 * BOUND) }
  const account = fc.constantFrom('account-7', 'account-8')
  const property = fc.asyncProperty(fc.record({ ...times, ...down, account }), async (course) => {
    const { said, ended } = await lives(course)
    const isKnownBad = course.account === 'account-7' && said < Infinity
    if (isKnownBad) expect(ended - said).toBeLessThanOrEqual(BOUND + RETRY_MS)
    else if (course.downMs < BOUND) expect(ended).toBe(Infinity)
  })
  await fc.assert(property, { numRuns: 40 })
}, 60_000)

it.each([
  ['ends when the plan includes that no more, though it is for sale', ['premium'], 'entitlement-insufficient'],
  ['goes on where it was bought', ['basic'], BOUND / 2],
])('a stream that a token opened %s', async (_what, entitlements, seen) => {
  const admitted = openedBy('account-7', '/both/1', entitlements)
  const lessened = openedBy('account-7', '/both/1', ['basic']).proof
  if (lessened?.kind !== 'entitlement') throw new Error('there is no token')
  const again = { resolveStanding: () => presenting({ entitlement: ok(lessened) }), clock: () => Date.now() }
  const look = await watchOf(admitted, again, () => undefined)?.look()
  expect(typeof look === 'number' ? look : look?.reason).toBe(seen)
})

it('a stream that nobody’s token opened is not watched', () => {
  const admitted = { ...openedBy('account-7'), proof: undefined }
  const again = { resolveStanding: () => undefined, clock: () => 0 }
  expect(watchOf(admitted, again, () => undefined)).toBeUndefined()
})
