import { onTestFinished, expect, it } from 'vitest'
import { makeKeys } from '../../support/issuer.ts'
import {
  type Answer,
  startBoth,
  waitFor,
  freshToken,
  type Gate,
  outcome,
  POLICY,
  answerKeys,
  SERVED,
  startJwks,
} from './gate.ts'

const [old, next, forger] = await makeKeys('old', 'next', 'old')

/** Asks again and again until it is stopped, and counts what came of it. */
function stream(gate: Gate, token: () => Promise<string>): { counts: Map<string, number>; stop: () => Promise<void> } {
  const counts = new Map<string, number>()
  const state = { isStopped: false }
  const run = (async () => {
    while (!state.isStopped) {
      const came = await outcome(gate, await token())
      counts.set(came, (counts.get(came) ?? 0) + 1)
    }
  })()
  return {
    counts,
    stop: () => {
      state.isStopped = true
      return run
    },
  }
}

it('a rotation under load refuses no genuine token, and asks the issuer no more often than it may', async () => {
  const { gate, jwks } = await startBoth(answerKeys(old), { timeoutMs: 5000 })
  let signing = old
  const held = { token: await freshToken(old) }
  const began = Date.now()
  const fresh = stream(gate, () => freshToken(signing))
  // The same token again, as a reader has it until it is renewed: it is remembered, and must not outlive its key.
  const kept = stream(gate, () => Promise.resolve(held.token))
  let forgeries = 0
  const forged = stream(gate, () => freshToken(forger, { kid: `forged-${forgeries++}` }))
  const borrowed = stream(gate, () => freshToken(forger))
  const served = (): number => fresh.counts.get(SERVED) ?? 0
  const more = async (what: string): Promise<void> => {
    const before = served()
    await waitFor(`100 requests served ${what}`, () => served() >= before + 100)
  }

  await more('with the old key')
  jwks.answer = answerKeys(old, next)
  const published = Date.now()
  await waitFor('one refresh interval', () => Date.now() > published + POLICY.refreshMs)
  signing = next
  held.token = await freshToken(next)
  await more('with the new key')
  const late = await freshToken(old)
  expect(await outcome(gate, late)).toBe(SERVED)
  jwks.answer = answerKeys(next)
  await more('after the old key was withdrawn')
  await waitFor('the withdrawn key refused', async () => (await outcome(gate, late)) !== SERVED)
  expect(await outcome(gate, late)).toBe('402 credential-invalid')

  await Promise.all([fresh, kept, forged, borrowed].map(({ stop }) => stop()))
  const elapsed = Date.now() - began
  expect([...fresh.counts.keys()]).toEqual([SERVED])
  expect([...kept.counts.keys()]).toEqual([SERVED])
  expect([...forged.counts.keys()]).toEqual(['402 credential-invalid'])
  expect([...borrowed.counts.keys()]).toEqual(['402 credential-invalid'])
  expect(forged.counts.get('402 credential-invalid')).toBeGreaterThan(100)
  expect(jwks.asked).toBeLessThanOrEqual(elapsed / POLICY.cooldownMs + elapsed / POLICY.refreshMs + 2)
  expect(gate.lines.filter((line) => line.includes('"error"'))).toEqual([])
})

it('a cold start under load asks once, and serves everyone', async () => {
  const { gate, jwks } = await startBoth(answerKeys(old), { refreshMs: 60_000, staleMs: 60_000, cooldownMs: 60_000 })
  const tokens = await Promise.all(Array.from({ length: 40 }, () => freshToken(old)))
  const outcomes = await Promise.all(tokens.map((token) => outcome(gate, token)))
  expect(new Set(outcomes)).toEqual(new Set([SERVED]))
  expect(jwks.asked).toBe(1)
})

it('the one that fetches may leave, and those who wait for it are served', async () => {
  let release = (): void => undefined
  const late: Answer = (request, response) => {
    release = () => answerKeys(old)(request, response)
  }
  const { gate, jwks } = await startBoth(late, { timeoutMs: 5000 })
  const leaving = new AbortController()
  const leader = outcome(gate, await freshToken(old), leaving.signal).catch((error: unknown) => String(error))
  await waitFor('the first request to fetch', () => jwks.asked === 1)
  const followers = [outcome(gate, await freshToken(old)), outcome(gate, await freshToken(old))]
  leaving.abort()
  expect(await leader).toContain('AbortError')
  release()
  expect(await Promise.all(followers)).toEqual([SERVED, SERVED])
  expect(jwks.asked).toBe(1)
})

it('keys are used while the issuer is down, and no longer than that is allowed', async () => {
  const { gate, jwks } = await startBoth(answerKeys(old))
  expect(await outcome(gate, await freshToken(old))).toBe(SERVED)
  await jwks.close()
  const downSince = Date.now()
  const seen: string[] = []
  await waitFor('the keys too old', async () => {
    seen.push(await outcome(gate, await freshToken(old)))
    return seen.at(-1) !== SERVED
  })
  // The copy was fetched before the issuer went down: never used longer, and not given up much sooner.
  expect(Date.now() - downSince).toBeGreaterThan(POLICY.staleMs)
  expect(seen.at(-1)).toBe('503 keys-unavailable')
  const port = Number(new URL(jwks.url).port)
  const again = await startJwks(answerKeys(old), port)
  onTestFinished(() => again.close())
  await waitFor('the issuer to be found again', async () => (await outcome(gate, await freshToken(old))) === SERVED)
})
