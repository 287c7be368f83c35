import { createHash, randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { authorizationServer } from '../../demo/authorize.ts'

const ISSUER = 'https://billing.example'
const RETURN = 'https://www.example.com/__faregate/return/billing'
const VERIFIER = randomBytes(32).toString('base64url')
const client = { id: 'news', secret: randomBytes(32).toString('base64url'), redirectUris: [RETURN] }
const AUTHORIZED = { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` }

let now = 0
let isPaid = true
let decided: Response | { grant: string } | { error: string }
let app: ReturnType<typeof authorizationServer>

beforeEach(() => {
  now = 1000
  isPaid = true
  decided = { grant: 'ann' }
  app = authorizationServer<string>({
    issuer: ISSUER,
    client,
    clock: () => now,
    decide: async (_c, scopes) => (scopes.includes('refused') ? { error: 'access_denied' } : decided),
    issue: async (grant) => (isPaid ? { access_token: `token of ${grant}`, expires_in: 60 } : undefined),
  })
})

const ASKED = {
  response_type: 'code',
  client_id: client.id,
  redirect_uri: RETURN,
  state: 'state of the trip',
  scope: 'offer:monthly',
  code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  code_challenge_method: 'S256',
}

async function authorize(change: Record<string, string> = {}): Promise<Response> {
  return app.request(`/authorize?${new URLSearchParams({ ...ASKED, ...change })}`)
}

async function answerOf(change: Record<string, string> = {}): Promise<Record<string, string>> {
  const location = (await authorize(change)).headers.get('location') ?? ''
  expect(location.startsWith(`${RETURN}?`)).toBe(true)
  return Object.fromEntries(new URL(location).searchParams)
}

async function ask(fields: Record<string, string>, path = '/token', headers: HeadersInit = AUTHORIZED) {
  const response = await app.request(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const text = await response.text()
  const answer: Record<string, string> = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}
  return { status: response.status, ...answer }
}

const code = async (): Promise<string> => (await answerOf())['code'] ?? ''
const redeem = async (change: Record<string, string> = {}, headers: HeadersInit = AUTHORIZED) => {
  const fields = { grant_type: 'authorization_code', redirect_uri: RETURN, code_verifier: VERIFIER }
  return ask({ ...fields, code: change['code'] ?? (await code()), ...change }, '/token', headers)
}
const renew = (refresh: unknown) => ask({ grant_type: 'refresh_token', refresh_token: String(refresh) })

describe('the authorization server of the demo', () => {
  it('answers with a code, the state and its own name', async () => {
    const { code: given, ...rest } = await answerOf()
    expect(given).toMatch(/^[\w-]{36}$/)
    expect(rest).toEqual({ state: ASKED.state, iss: ISSUER })
  })

  it.each([
    ['an unknown client', { client_id: 'other' }],
    ['another path', { redirect_uri: `${RETURN}/more` }],
    ['another query', { redirect_uri: `${RETURN}?a=b` }],
    ['another host', { redirect_uri: RETURN.replace('www', 'evil') }],
    ['no redirect URI', { redirect_uri: '' }],
  ])('sends nobody anywhere for %s', async (_name, change) => {
    const response = await authorize(change)
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
  })

  it.each([
    ['a challenge that is plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no challenge', { code_challenge: '' }, 'invalid_request'],
    ['another response type', { response_type: 'token' }, 'invalid_request'],
    ['a buyer who turns back', { scope: 'refused' }, 'access_denied'],
  ])('gives no code for %s', async (_name, change, error) => {
    expect(await answerOf(change)).toEqual({ error, state: ASKED.state, iss: ISSUER })
  })

  it('shows a page before it answers', async () => {
    decided = new Response('Who are you?')
    const response = await authorize()
    expect([response.status, await response.text()]).toEqual([200, 'Who are you?'])
  })
})

describe('the token endpoint of the demo', () => {
  it('gives tokens for a code, once', async () => {
    const given = await code()
    expect(await redeem({ code: given })).toMatchObject({ status: 200, access_token: 'token of ann', expires_in: 60 })
    expect(await redeem({ code: given })).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it.each([
    ['another verifier', { code_verifier: randomBytes(32).toString('base64url') }],
    ['another redirect URI', { redirect_uri: `${RETURN}/more` }],
    ['an invented code', { code: 'invented' }],
    ['another grant', { grant_type: 'password' }],
  ])('gives nothing for %s', async (_name, change) => {
    expect(await redeem(change)).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it('gives nothing for a code that is ten minutes old', async () => {
    const given = await code()
    now += 600_000
    expect(await redeem({ code: given })).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it.each(['/token', '/revoke'])('asks at %s who the client is', async (path) => {
    expect(await ask({}, path, {})).toMatchObject({ status: 401 })
    expect(await ask({}, path, { authorization: `Basic ${btoa('news:guessed')}` })).toMatchObject({ status: 401 })
  })

  it('says that a payment is on its way, and takes the same code again', async () => {
    isPaid = false
    const given = await code()
    expect(await redeem({ code: given })).toEqual({ status: 400, error: 'authorization_pending' })
    isPaid = true
    now += 90_000
    expect(await redeem({ code: given })).toMatchObject({ status: 200 })
    expect(await redeem({ code: given })).toEqual({ status: 400, error: 'invalid_grant' })
  })

  it('replaces a refresh token each time, and takes back a revoked one', async () => {
    const first: Record<string, unknown> = await redeem()
    const second: Record<string, unknown> = await renew(first['refresh_token'])
    expect(second).toMatchObject({ status: 200, access_token: 'token of ann' })
    expect(await renew(first['refresh_token'])).toEqual({ status: 400, error: 'invalid_grant' })
    expect(await ask({ token: String(second['refresh_token']) }, '/revoke')).toMatchObject({ status: 200 })
    expect(await renew(second['refresh_token'])).toEqual({ status: 400, error: 'invalid_grant' })
  })
})

it('the metadata of the demo announces what its endpoints do', async () => {
  const metadata: unknown = await (await app.request('/.well-known/oauth-authorization-server')).json()
  expect(metadata).toMatchObject({
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  })
})
