import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { err, ok } from '../../../src/core/result.ts'
import { entitlementIn, type Presented } from '../../../src/access/proof.ts'
import { refusal } from '../../../src/core/problem.ts'
import { handle } from '../../../src/paywall.ts'
import type { ResolveStanding } from '../../../src/standing/resolve.ts'
import type { Services } from '../../../src/services.ts'
import { errorObject } from '../../refusals/toy.ts'
import { presenting } from '../../support/proofs.ts'
import { newServices, worldOrigin } from '../../support/services.ts'
import { createWorld, withToken, type World } from '../../support/world.ts'

/** How late a change may be known. */
const BOUND_MS = 5000
const MAX_SESSION_MS = 60_000

let world: World
let services: Services
let resolveStanding: ReturnType<typeof vi.fn<ResolveStanding>>

beforeEach(async () => {
  world = await createWorld()
  resolveStanding = vi.fn<ResolveStanding>((presented) => presented)
  const all = newServices()
  const sites = Array.from(all.sites, ([host, site]) => [host, { ...site, refusals: [errorObject()] }] as const)
  services = { ...all, resolveStanding, sites: new Map(sites) }
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

/** A client whose SDK reads errors of its own kind. */
async function open(exp?: number) {
  const token = await world.token(exp === undefined ? {} : { exp })
  const init = { headers: { ...withToken(token).headers, 'x-sdk': '1' } }
  const ask = async (): Promise<Response> =>
    handle(new Request('https://news.test/live/1', init), services, worldOrigin(world), () => undefined)
  await (await ask()).body?.cancel() // keys are fetched in real time
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  world.origin = () => new Response(readable, { headers: { 'content-type': 'text/event-stream' } })
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() })
  const response = await ask()
  const text = response.text()
  const send = async (data: string): Promise<void> => writer.write(new TextEncoder().encode(data))
  return { text, send }
}

const lessen = (presented: Presented | undefined): Presented => {
  const proof = entitlementIn(presented)?.proof
  if (proof?.ok !== true) throw new Error('nothing is presented')
  return presenting({ entitlement: ok({ ...proof.value, entitlements: ['basic'] }) })
}
const refusing = (reason: 'security-hold' | 'subscription-inactive') => (): Presented =>
  presenting({ entitlement: err(refusal(reason, 'It changed.')) })

const ending = (text: string): unknown =>
  JSON.parse(/\n\nevent: error\ndata: (.*)\n\n$/.exec(text)?.[1] ?? '{}') as unknown

it.each<[string, ResolveStanding, string]>([
  ['is held', refusing('security-hold'), 'security-hold'],
  ['is not subscribed any more', refusing('subscription-inactive'), 'subscription-inactive'],
  ['includes this no more', lessen, 'entitlement-insufficient'],
  ['cannot be asked for', () => Promise.reject(new TypeError('broken')), 'standing-unavailable'],
])('a stream ends within the bound with the error of its format when its account %s', async (_what, changed, code) => {
  const { text, send } = await open()
  await send('data: 1\n\n')
  resolveStanding.mockImplementation(changed)
  await vi.advanceTimersByTimeAsync(BOUND_MS)
  expect((await text).startsWith('data: 1\n\n')).toBe(true)
  expect(ending(await text)).toMatchObject({ error: { code } })
})

it.each([
  ['its token has ended', 30, 'credential-expired'],
  ['it was open for as long as it may be', undefined, 'request-timeout'],
] as const)('a stream ends with the error of its format when %s', async (_why, seconds, code) => {
  const { text, send } = await open(seconds && Math.floor(Date.now() / 1000) + seconds)
  await send('data: 1\n\ndata: {"half')
  await vi.advanceTimersByTimeAsync(MAX_SESSION_MS)
  expect((await text).startsWith('data: 1\n\ndata: {"half\n\nevent: error\n')).toBe(true)
  expect(ending(await text)).toMatchObject({ error: { code } })
})

it('a stream that the provider sends on after that has nothing of it leave', async () => {
  const { text, send } = await open()
  await send('data: 1\n\n')
  await vi.advanceTimersByTimeAsync(MAX_SESSION_MS)
  await send('data: 2\n\n').catch(() => undefined)
  expect(await text).not.toContain('data: 2')
})
