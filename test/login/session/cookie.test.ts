import { afterEach, describe, expect, it, vi } from 'vitest'
import { bearer, session } from '../../../src/index.ts'
import { newestGateKey } from '../../../src/secrets/gatekeys.ts'
import { seal } from '../../../src/secrets/sealed.ts'
import { capture } from '../../../src/http/capture.ts'
import type { Options } from '../../../src/index.ts'
import { currentSession } from '../../../src/login/session/open.ts'
import { siteAt } from '../../support/compiled.ts'
import { BINDINGS, OURS, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('a cookie', () => {
  const altered = (cookie = ''): string => {
    const parts = cookie.split('.')
    const text = parts[3] ?? ''
    parts[3] = `${text.slice(0, 10)}${text[10] === 'A' ? 'B' : 'A'}${text.slice(11)}`
    return parts.join('.')
  }

  it.each<[string, (world: SessionWorld, cookie: string) => string | Promise<string>, string, boolean]>([
    ['that was altered', (_world, cookie) => altered(cookie), 'credential-invalid', true],
    ['of another zone', (world) => sealed(world, { zone: 'other' }), 'credential-invalid', true],
    ['of another use', (world) => sealed(world, { use: 'trips' }), 'credential-invalid', true],
    ['of a key that is not known', (world) => sealed(world, { generation: 9 }), 'credential-invalid', true],
    ['of another version', (world) => sealed(world, {}), 'credential-invalid', true],
    ['of another kind', (world) => sealed(world, { typ: 'trip+jwt' }), 'credential-malformed', false],
    [
      'of a login that is gone',
      (world) => sealed(world, { value: { ...FACTS, login: 'gone' } }),
      'credential-invalid',
      false,
    ],
    [
      'of another issuer',
      (world) => sealed(world, { value: { ...FACTS, iss: 'AAAAAAAA' } }),
      'credential-invalid',
      false,
    ],
  ])('%s opens nothing, and is kept if it may be good elsewhere', async (_what, make, reason, isKept) => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    reader.put('__Host-faregate', await make(world, reader.cookie ?? ''))
    expect(await reader.reason('/paid/1')).toBe(`402 ${reason}`)
    expect(reader.cookie !== undefined).toBe(isKept)
    expect(world.calls.filter((name) => name === 'leaseSession')).toEqual([])
  })

  it('opens nothing in another place', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const headers = { authorization: `Bearer ${reader.cookie}` }
    const answer = await world.ask('/paid/1', { headers })
    expect(await answer.json()).toMatchObject({ reason: 'credential-invalid' })
  })

  it('of claims that a status list may revoke opens nothing where nobody reads that list', async () => {
    const world = await SessionWorld.make()
    const status = { uri: 'https://login.example.net/statuses/1', idx: 7 } as never
    const reader = await world.reader({ claims: world.other.stated({ status }) })
    expect(await reader.reason('/paid/1')).toBe('402 credential-invalid')
  })

  it('names the place in a status list that may revoke it', async () => {
    const world = await SessionWorld.make({ change: readingStatusLists })
    const status = { uri: 'https://login.example.net/statuses/1', idx: 7 }
    const reader = await world.reader({ claims: world.other.stated({ status: status as never }) })
    const site = siteAt(world.services, 'www.example.com')
    const exchange = capture(new Request(OURS, { headers: reader.headers() }), world.now)
    const current = await currentSession(exchange, site, world.services, world.first.call())
    expect(current?.claims.status).toMatchObject({ ...status, policy: expect.anything() })
  })

  it('outlives a new secret of the gate as long as the old one is listed', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const rotated = {
      ...world.given,
      secrets: {
        gate: [
          { secret: 'NEW_SECRET', generation: 2 },
          { secret: 'GATE_SECRET', generation: 1 },
        ],
      },
    }
    const isolate = world.isolate(rotated, { ...BINDINGS, NEW_SECRET: 'the next secret of the gate, of as many bytes' })
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    world.now += 61_000
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    expect(world.other.renewals).toBe(1)
    expect(await reader.reason('/paid/1')).toBe('402 credential-invalid')
  })

  it('that was sealed for longer than cookies are now is renewed at once, since its sign-out is not known for so long', async () => {
    const world = await SessionWorld.make({ times: { seconds: 30 * 86_400, renewSeconds: 86_400 } })
    const [zone] = 'zones' in world.given ? world.given.zones : []
    if (zone === undefined) throw new Error('no zone')
    const shorter = { ...zone, rails: [bearer(), session({ seconds: 86_400, renewSeconds: 60 })] }
    const isolate = world.isolate({ ...world.given, zones: [shorter] })
    const reader = await world.reader()
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    expect(world.other.renewals).toBe(1)
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    expect(world.other.renewals).toBe(1)
  })
})

function readingStatusLists(given: Options): Options {
  if (!('zones' in given)) throw new Error('no zones')
  const zones = given.zones.map((zone) => ({
    ...zone,
    issuers: zone.issuers?.map((issuer) => ({
      ...issuer,
      statusLists: { allow: ['https://login.example.net/statuses/'] },
    })),
  }))
  return { ...given, zones: zones as never }
}

const FACTS = { sid: 's', iss: '', login: 'test', sub: 'ann', auth: 1, iat: 1, exp: 2 }

interface Sealing {
  readonly zone?: string
  readonly use?: 'sessions' | 'trips'
  readonly typ?: string
  readonly generation?: number
  readonly value?: Readonly<Record<string, string | number>>
}

/** Seals what a test wants, as this gate does. */
function sealed(
  { zone: { gateKeys, id } }: SessionWorld,
  { zone = id, use = 'sessions', typ = 'session+jwt', generation, value = {} }: Sealing,
): Promise<string> {
  if (gateKeys === undefined) throw new Error('no keys')
  const { bytes } = newestGateKey(gateKeys, use, zone)
  const keys = generation === undefined ? gateKeys : { secrets: [{ generation, bytes }] as const, derived: new Map() }
  return seal(value, { use, typ }, keys, zone)
}
