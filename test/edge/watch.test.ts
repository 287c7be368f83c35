import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Entitlement } from '../../src/core/entitlement.ts'
import { match } from '../../src/core/route.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/core/target.ts'
import { supervise } from '../../src/edge/session.ts'
import { createBulletinConsult } from '../../src/edge/standing.ts'
import { watchOf } from '../../src/edge/watch.ts'
import type { Passage } from '../../src/ports.ts'
import { compiled, siteAt } from '../support/compiled.ts'
import config from '../support/config.ts'
import { NO_LEDGER } from '../support/ledger.ts'
import { pass } from '../tokens/endpoint.ts'
import { BOUND, Isolate, ISSUER, SECOND, stopTime, Store } from './isolates.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

/** What an account's token opened at this moment. */
function openedBy(account: string, path = '/live/1', entitlements = ['premium']): Passage {
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
  return { zone, route: matched.value, exchange, proof } as unknown as Passage
}

const STEP_MS = 250

/** When a stream of one isolate ends, in an hour at most, where something is said in another. */
async function lives(
  sayAfterMs: number,
  askEveryMs: number,
  account: string,
): Promise<{ said: number; ended: number }> {
  const store = new Store()
  const [here, there] = [new Isolate(store), new Isolate(store)]
  const clock = (): number => Date.now()
  const passage = openedBy('account-7')
  const consult = createBulletinConsult(here.bulletins, () => NO_LEDGER, clock)
  const watch = watchOf(passage, { consult, clock }, (work) => void here.behind.push(work))
  let ended = Infinity
  supervise({ lastsMs: 3600 * SECOND, watch }, () => (ended = Date.now()))
  let said = Infinity
  for (let ms = 0; ms <= sayAfterMs + 2 * BOUND; ms += STEP_MS) {
    if (said === Infinity && ms >= sayAfterMs) {
      await there.post(account)
      said = Date.now()
    }
    if (ms % askEveryMs < STEP_MS) await here.of()
    await pass(STEP_MS)
  }
  return { said, ended }
}

const times = fc.record({ after: fc.nat(2 * BOUND), every: fc.integer({ min: 250, max: 2 * BOUND }) })

it('a stream ends within the bound of what is said of its account, wherever it is said', async () => {
  const property = fc.asyncProperty(times, async ({ after, every }) => {
    const { said, ended } = await lives(after, every, 'account-7')
    expect(ended).toBeGreaterThanOrEqual(said)
    expect(ended - said).toBeLessThanOrEqual(BOUND)
  })
  await fc.assert(property, { numRuns: 40 })
}, 60_000)

it('a stream goes on, whatever is said of another account', async () => {
  expect((await lives(SECOND, SECOND, 'account-8')).ended).toBe(Infinity)
})

it.each([
  ['ends when the plan includes that no more, though it is for sale', ['premium'], false],
  ['goes on where it was bought', ['basic'], true],
])('a stream that a token opened %s', async (_what, entitlements, stands) => {
  const passage = openedBy('account-7', '/both/1', entitlements)
  const lessened = openedBy('account-7', '/both/1', ['basic']).proof
  if (lessened?.kind !== 'entitlement') throw new Error('there is no token')
  const again = { consult: () => ({ entitlement: ok(lessened) }), clock: () => Date.now() }
  expect(await watchOf(passage, again, () => undefined)?.stands()).toBe(stands)
})

it('a stream that nobody’s token opened is not watched', () => {
  const passage = { ...openedBy('account-7'), proof: undefined }
  const again = { consult: () => undefined, clock: () => 0 }
  expect(watchOf(passage, again, () => undefined)).toBeUndefined()
})
