import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { encode } from '../../support/issuer.ts'
import { AUDIENCE, ISSUER, makeServerKeys, type ServerKeys, type Twist } from './authserver.ts'
import { OAuthWorld } from './world.ts'

let keys: ServerKeys

beforeAll(async () => {
  keys = await makeServerKeys()
})
afterEach(() => void vi.restoreAllMocks())

interface Case {
  readonly name: string
  /** Of access tokens, and of ID tokens where they say who it is. */
  readonly twist: (keys: ServerKeys) => Twist
  readonly outcome: string
}

const PAST = { iat: 1_799_990_000, exp: 1_799_990_060 }

const ACCESS: readonly Case[] = [
  { name: 'as it should be', twist: () => ({}), outcome: 'signed-in' },
  { name: 'of twelve kilobytes', twist: () => ({ access: { groups: 'g'.repeat(12_000) } }), outcome: 'signed-in' },
  { name: 'too long', twist: () => ({ access: { groups: 'g'.repeat(66_000) } }), outcome: 'refused spelling' },
  { name: 'of another key', twist: ({ other }) => ({ key: other }), outcome: 'refused signature' },
  { name: 'unsigned', twist: () => ({ members: { access_token: UNSIGNED } }), outcome: 'refused spelling' },
  {
    name: 'with "alg": "none"',
    twist: () => ({ accessHeader: { alg: 'none' } }),
    outcome: 'refused algorithm',
  },
  { name: 'for another site', twist: () => ({ access: { aud: 'https://b.test' } }), outcome: 'refused audience' },
  { name: 'of another issuer', twist: () => ({ access: { iss: 'https://evil.example' } }), outcome: 'refused issuer' },
  { name: 'of another type', twist: () => ({ accessHeader: { typ: 'logout+jwt' } }), outcome: 'refused type' },
  { name: 'that is an ID token', twist: () => ({ access: { nonce: 'n' } }), outcome: 'refused claims' },
  { name: 'without account', twist: () => ({ access: { sub: undefined } }), outcome: 'refused claims' },
  { name: 'of another account', twist: () => ({ access: { sub: 'bob' } }), outcome: 'refused other_account' },
  { name: 'that is over', twist: () => ({ access: PAST }), outcome: 'refused time' },
  { name: 'bound to a key', twist: () => ({ access: { cnf: { jkt: 'x' } } }), outcome: 'refused claims' },
  { name: 'that is opaque', twist: () => ({ members: { access_token: 'opaque' } }), outcome: 'refused spelling' },
  { name: 'that is missing', twist: () => ({ members: { access_token: undefined } }), outcome: INVALID() },
  { name: 'of a type that is no bearer', twist: () => ({ members: { token_type: 'mac' } }), outcome: UNSUPPORTED() },
]

const ID: readonly Case[] = [
  { name: 'as it should be', twist: () => ({}), outcome: 'signed-in' },
  { name: 'that is missing', twist: () => ({ members: { id_token: undefined } }), outcome: INVALID() },
  { name: 'of another trip', twist: () => ({ id: { nonce: 'other' } }), outcome: COMPARED() },
  { name: 'without nonce', twist: () => ({ id: { nonce: undefined } }), outcome: INVALID() },
  { name: 'for another client', twist: () => ({ id: { aud: 'other' } }), outcome: COMPARED() },
  { name: 'for two clients', twist: () => ({ id: { aud: ['news', 'other'] } }), outcome: COMPARED() },
  {
    name: 'for two clients, given to the other',
    twist: () => ({ id: { aud: ['news', 'other'], azp: 'other' } }),
    outcome: COMPARED(),
  },
  { name: 'for the site', twist: () => ({ id: { aud: AUDIENCE } }), outcome: COMPARED() },
  { name: 'of another issuer', twist: () => ({ id: { iss: 'https://evil.example' } }), outcome: COMPARED() },
  { name: 'of another key', twist: ({ other }) => ({ key: other }), outcome: 'refused signature' },
  { name: 'with "alg": "none"', twist: () => ({ idHeader: { alg: 'none' } }), outcome: INVALID() },
  { name: 'with a secret for a key', twist: () => ({ idHeader: { alg: 'HS256' } }), outcome: INVALID() },
  { name: 'that is a logout token', twist: () => ({ idHeader: { typ: 'logout+jwt' } }), outcome: 'refused type' },
  { name: 'that is an access token', twist: () => ({ idHeader: { typ: 'at+jwt' } }), outcome: 'refused type' },
  { name: 'that is over', twist: () => ({ id: PAST }), outcome: 'refused time' },
  { name: 'without end', twist: () => ({ id: { exp: undefined } }), outcome: INVALID() },
  { name: 'that is no JWT', twist: () => ({ members: { id_token: 'opaque' } }), outcome: INVALID() },
]

const UNSIGNED = `${encode('{"alg":"none"}')}.${encode(JSON.stringify({ iss: ISSUER, sub: 'ann', aud: AUDIENCE }))}.`

function INVALID(): string {
  return 'refused OAUTH_INVALID_RESPONSE'
}

function UNSUPPORTED(): string {
  return 'refused OAUTH_UNSUPPORTED_OPERATION'
}

function COMPARED(): string {
  return 'refused OAUTH_JWT_CLAIM_COMPARISON_FAILED'
}

describe('an access token', () => {
  it.each(ACCESS)('$name: $outcome', async ({ twist, outcome }) => {
    const world = new OAuthWorld(keys)
    world.server.twist = twist(keys)
    expect(await world.outcome()).toBe(outcome)
  })
})

describe.each(['access-token', 'id-token'] as const)('an ID token, with the claims of the %s', (claims) => {
  it.each(ID)('$name: $outcome', async ({ twist, outcome }) => {
    const world = new OAuthWorld(keys, { claims })
    world.server.twist = twist(keys)
    expect(await world.outcome()).toBe(outcome)
  })
})

interface Returned {
  readonly name: string
  readonly change: (query: URLSearchParams, world: OAuthWorld) => void | Promise<void>
  readonly outcome: string
}

const RETURNS: readonly Returned[] = [
  {
    name: 'without the issuer that metadata announces',
    change: (query) => query.delete('iss'),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'of another issuer',
    change: (query) => query.set('iss', 'https://evil.example'),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'of this issuer and of another',
    change: (query) => query.append('iss', 'https://evil.example'),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'of the issuer with a slash',
    change: (query) => query.set('iss', `${ISSUER}/`),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'with another state',
    change: (query) => query.set('state', 'x'.repeat(43)),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'with two codes',
    change: (query) => query.append('code', 'other'),
    outcome: 'refused OAUTH_INVALID_RESPONSE',
  },
  {
    name: 'with the tokens themselves',
    change: (query) => query.set('id_token', 'a.b.c'),
    outcome: 'refused OAUTH_UNSUPPORTED_OPERATION',
  },
  {
    name: 'with the code of another trip',
    change: async (query, world) => query.set('code', (await world.begin()).query.get('code') ?? ''),
    outcome: 'refused invalid_grant',
  },
  {
    name: 'with a code that was used',
    change: async (query, world) => {
      const other = await world.begin()
      await world.finish(other)
      query.set('code', other.query.get('code') ?? '')
    },
    outcome: 'refused invalid_grant',
  },
  { name: 'with a code and an error', change: (query) => query.set('error', 'access_denied'), outcome: 'cancelled' },
]

describe('a return', () => {
  it.each(RETURNS)('$name: $outcome', async ({ change, outcome }) => {
    const world = new OAuthWorld(keys)
    const begun = await world.begin()
    const query = new URLSearchParams(begun.query)
    await change(query, world)
    expect(await world.outcome({ ...begun, query })).toBe(outcome)
  })

  it('of an issuer is compared where metadata announces none, and not demanded', async () => {
    const outcomes: string[] = []
    for (const iss of [undefined, ISSUER, 'https://evil.example']) {
      const world = new OAuthWorld(keys)
      world.server.metadata = { authorization_response_iss_parameter_supported: undefined }
      const begun = await world.begin()
      begun.query.delete('iss')
      if (iss !== undefined) begun.query.set('iss', iss)
      outcomes.push(await world.outcome(begun))
    }
    expect(outcomes).toEqual(['signed-in', 'signed-in', 'refused OAUTH_INVALID_RESPONSE'])
  })

  it.each([
    ['access_denied', 'cancelled'],
    ['login_required', 'cancelled'],
    ['interaction_required', 'cancelled'],
    ['consent_required', 'cancelled'],
    ['account_selection_required', 'cancelled'],
    ['server_error', 'unavailable server_error'],
    ['temporarily_unavailable', 'unavailable temporarily_unavailable'],
    ['invalid_scope', 'refused invalid_scope'],
    ['authorization_pending', 'refused authorization_pending'],
    ['<script>', 'refused unknown_error'],
  ])('with the error %s is %s', async (error, outcome) => {
    const world = new OAuthWorld(keys)
    const begun = await world.begin()
    const query = world.server.turnBack(begun.trip.location, error)
    expect(await world.outcome({ ...begun, query })).toBe(outcome)
  })

  it('of a trip that began at another server gives that server neither code nor verifier', async () => {
    const world = new OAuthWorld(keys)
    const evil = new OAuthWorld(keys)
    const begun = await world.begin()
    // The reader was sent to the honest server, and comes back as if from the other one.
    begun.query.set('iss', 'https://evil.example')
    expect(await evil.outcome(begun)).toBe('refused OAUTH_INVALID_RESPONSE')
    expect(evil.server.asked).toEqual([])
  })
})

const ANSWERS: readonly { name: string; answer: () => Response; outcome: string }[] = [
  { name: 'HTML', answer: () => page(200), outcome: 'unavailable OAUTH_RESPONSE_IS_NOT_JSON' },
  { name: 'a page of an error', answer: () => page(502), outcome: 'unavailable OAUTH_RESPONSE_IS_NOT_CONFORM' },
  { name: 'JSON cut off', answer: () => json('{"access_token":"a'), outcome: 'unavailable OAUTH_PARSE_ERROR' },
  { name: 'a list', answer: () => json('[]'), outcome: 'refused OAUTH_INVALID_RESPONSE' },
  { name: 'more than any tokens', answer: () => json(`"${'x'.repeat(300_000)}"`), outcome: 'unavailable Error' },
  {
    name: 'a redirect',
    answer: () => new Response(null, { status: 307, headers: { location: 'https://evil.example/token' } }),
    outcome: 'unavailable OAUTH_RESPONSE_IS_NOT_CONFORM',
  },
  { name: 'that it is asked too often', answer: () => problem('slow', 429), outcome: 'unavailable slow' },
  { name: 'that the client is unknown', answer: () => problem('invalid_client', 401), outcome: CLIENT() },
  {
    name: 'a challenge',
    answer: () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
    outcome: CLIENT(),
  },
  { name: 'that it waits, unexpected', answer: () => problem('authorization_pending', 400), outcome: PENDING() },
  { name: 'an error that is no word', answer: () => problem('<b>', 400), outcome: 'refused unknown_error' },
]

function CLIENT(): string {
  return 'unavailable invalid_client'
}

function PENDING(): string {
  return 'refused authorization_pending'
}

function page(status: number): Response {
  return new Response('<h1>Moment</h1>', { status, headers: { 'content-type': 'text/html' } })
}

function json(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json' } })
}

function problem(error: string, status: number): Response {
  return Response.json({ error, error_description: 'canary' }, { status })
}

describe('a token endpoint that answers', () => {
  let world: OAuthWorld
  beforeEach(() => void (world = new OAuthWorld(keys)))

  it.each(ANSWERS)('$name: $outcome', async ({ answer, outcome }) => {
    world.server.answer = answer
    expect(await world.outcome()).toBe(outcome)
    expect(world.server.fetched.filter((url) => !url.startsWith(ISSUER))).toEqual([])
    const told = world.told.join('\n')
    for (const secret of ['canary', 'the secret', ...world.server.given]) expect(told).not.toContain(secret)
  })
})

const METADATA: readonly { name: string; members: Record<string, unknown> }[] = [
  { name: 'names another issuer', members: { issuer: 'https://evil.example' } },
  { name: 'names the issuer with a slash', members: { issuer: `${ISSUER}/` } },
  { name: 'has a token endpoint in the clear', members: { token_endpoint: 'http://login.example/token' } },
  { name: 'has a page to sign in that is a script', members: { authorization_endpoint: 'javascript:alert(1)' } },
  { name: 'has an end of session in the clear', members: { end_session_endpoint: 'http://login.example/end' } },
  { name: 'lacks the token endpoint', members: { token_endpoint: undefined } },
  { name: 'is longer than metadata is', members: { padding: 'x'.repeat(300_000) } },
]

describe('metadata', () => {
  it.each(METADATA)('that $name is not used', async ({ members }) => {
    const world = new OAuthWorld(keys)
    world.server.metadata = members
    const begun = await world.login.begin(world.request(), world.context)
    expect(begun).toMatchObject({ ok: false, error: { kind: 'unavailable', code: 'no_metadata' } })
    expect(world.told.filter((line) => line.includes('"oauth"'))).toHaveLength(1)
  })
})
