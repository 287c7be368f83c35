import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, finishSigningIn, listChanged, payingByCard, SigningIn } from '../../tools/payments/clients/mcp.ts'
import { startLogin, type LoginDouble } from '../../tools/payments/stack/login.ts'
import { type McpDouble, startMcp } from '../../tools/payments/stack/mcp.ts'
import { startStripe, type StripeDouble } from '../../tools/payments/stack/stripe.ts'
import { startWorkerd, type Workerd } from '../../tools/workerd.ts'
import { bundleOf } from '../slow/bundles.ts'
import { secretKey, sign } from '../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const signed = async (claims: object, typ = 'entitlement+jwt') => {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: 'https://billing.test', aud: 'https://tools.test', iat: now, exp: now + 600 }
  return sign(await secretKey(SECRET), { ...good, ...claims }, { typ })
}

let json: McpDouble
let events: McpDouble
let stripe: StripeDouble
let login: LoginDouble
let gate: Workerd
let url: { readonly json: string; readonly events: string; readonly members: string }
beforeAll(async () => {
  json = await startMcp({ streams: false })
  events = await startMcp({ streams: true })
  stripe = await startStripe()
  login = await startLogin(() => signed({ sub: 'who signed in', entitlements: ['pro'] }))
  gate = await startWorkerd({
    module: bundleOf(import.meta.dirname, 'mcpworker.ts'),
    objects: { LEDGER: 'Ledger' },
    vars: {
      TOKEN_SECRET: SECRET,
      GATE_SECRET: `gate ${SECRET}`,
      STRIPE_KEY: 'sk_test_of_the_gate_1',
      STRIPE_URL: stripe.url,
      JSON_URL: json.url,
      EVENTS_URL: events.url,
      LOGIN_URL: login.url,
    },
  })
  const { port } = new URL(gate.url)
  url = {
    json: `http://127.0.0.1:${port}/mcp`,
    events: `http://localhost:${port}/mcp`,
    members: `http://127.0.0.1:${port}/members`,
  }
})
afterAll(() => Promise.all([gate, json, events, stripe, login].map((one) => one.stop())))

async function grant(where: string, account: string, amount: string): Promise<void> {
  const token = await signed({ iss: 'https://staff.test', scope: 'credit' }, 'operator+jwt')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ account, amount, currency: 'USD', id: crypto.randomUUID() })
  const response = await fetch(new URL('/__faregate/credit', where), { method: 'POST', headers, body })
  expect(response.ok).toBe(true)
}

const search = { name: 'search', arguments: {} }
const textOf = ({ content }: object & { content?: unknown }): unknown => (content as { text?: string }[])[0]?.text

describe.each(['json', 'events'] as const)('a client of the SDK, before a server that answers in %s', (which) => {
  it('initializes, lists and calls what is free', async () => {
    const { client } = await connect(url[which])
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('search')
    expect(textOf(await client.callTool({ name: 'now', arguments: {} }))).toBe('the result of now')
    await client.close()
  })

  it('reads why it is refused, and how to pay', async () => {
    const { client } = await connect(url[which])
    const before = which === 'json' ? json.called.length : events.called.length
    await expect(client.callTool(search)).rejects.toMatchObject({
      code: -32042,
      data: { httpStatus: 402, challenges: [{ method: 'stripe', intent: 'charge', request: { amount: '75' } }] },
    })
    await expect(client.callTool({ name: 'hidden', arguments: {} })).rejects.toMatchObject({ code: -32602 })
    expect(which === 'json' ? json.called.length : events.called.length).toBe(before)
    await client.close()
  })

  it('pays from credit, and is told when that is used up', async () => {
    const account = `a caller in ${which}`
    await grant(url[which], account, '1.00')
    const { client } = await connect(url[which], { token: await signed({ sub: account, entitlements: [] }) })
    expect(textOf(await client.callTool(search))).toBe('the result of search')
    const refused = client.callTool(search)
    await expect(refused).rejects.toMatchObject({ code: -32042, data: { problem: { reason: 'credit-insufficient' } } })
    await client.close()
  })

  it('pays by card once mppx wraps it', async () => {
    const before = stripe.intents.length
    const { client } = await connect(url[which])
    const result = await payingByCard(client).callTool(search)
    expect(textOf(result)).toBe('the result of search')
    expect(stripe.intents.slice(before)).toMatchObject([{ amount: 75, status: 'succeeded' }])
    const receipt = { status: 'success', method: 'stripe', reference: stripe.intents[before]?.id }
    // Of a stream nothing is read.
    expect((result as { receipt?: unknown }).receipt).toEqual(
      which === 'json' ? expect.objectContaining(receipt) : undefined,
    )
    await client.close()
  })
})

describe('a client of the SDK', () => {
  it('pays nothing for a tool that fails', async () => {
    const before = stripe.intents.length
    const { client } = await connect(url.json)
    const result = await payingByCard(client).callTool({ name: 'fails', arguments: {} })
    expect([result.isError, textOf(result)]).toEqual([true, 'nothing was found'])
    expect([json.called.at(-1), stripe.intents.length]).toEqual(['fails', before])
    await client.close()
  })

  it('hears in its stream what the server announces, and ends its session', async () => {
    const { client, transport } = await connect(url.events)
    const heard = new Promise<void>((resolve) => {
      client.setNotificationHandler(listChanged, () => resolve())
    })
    await events.opened(transport.sessionId?.split('.')[2] ?? '')
    events.announce()
    await heard
    expect(transport.sessionId).toMatch(/^1\.[\w-]{22}\.[\w-]{36}$/)
    await transport.terminateSession()
    expect(events.requests.at(-1)).toMatchObject({ method: 'DELETE', session: expect.stringMatching(/^[\w-]{36}$/) })
    await client.close()
  })

  it('gets nothing in the session of another account', async () => {
    const { client, transport } = await connect(url.json, {
      token: await signed({ sub: 'ann', entitlements: ['pro'] }),
    })
    const { sessionId = '' } = transport
    const other = await signed({ sub: 'bob', entitlements: ['pro'] })
    const asBob: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('mcp-session-id', sessionId)
      headers.set('authorization', `Bearer ${other}`)
      return fetch(input, { ...init, headers })
    }
    const posted = () => json.requests.filter(({ method }) => method === 'POST').length
    const before = posted()
    await expect(connect(url.json, { fetch: asBob })).rejects.toMatchObject({ code: 404 })
    expect(posted()).toBe(before)
    expect(textOf(await client.callTool({ name: 'report', arguments: {} }))).toBe('the result of report')
    await client.close()
  })

  it('signs in from a 401, where the metadata says', async () => {
    const person = new SigningIn()
    const authProvider = person as unknown as NonNullable<Parameters<typeof connect>[1]>['authProvider'] & object
    await expect(connect(url.members, { authProvider })).rejects.toThrow('Unauthorized')
    expect(person.sentTo?.origin).toBe(login.url)
    const asked = Object.fromEntries(person.sentTo?.searchParams ?? [])
    expect(asked).toMatchObject({
      client_id: 'test',
      resource: url.members,
      scope: 'pro',
      code_challenge_method: 'S256',
    })
    await finishSigningIn(url.members, authProvider)
    expect(login.exchanged.at(-1)).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      resource: url.members,
    })
    const { client } = await connect(url.members, { authProvider })
    expect(textOf(await client.callTool({ name: 'report', arguments: {} }))).toBe('the result of report')
    await client.close()
  })
})

describe('the client of the documentation', () => {
  it('runs as it is printed', async () => {
    const page = await readFile(join(import.meta.dirname, '../../docs/mcp.md'), 'utf8')
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? []
    const file = join(import.meta.dirname, '../../tools/payments/node_modules/.documented.mjs')
    await writeFile(file, code)
    const run = async (env: Record<string, string>) =>
      (await promisify(execFile)(process.execPath, [file], { env: { ...process.env, MCP_URL: url.json, ...env } }))
        .stdout
    expect(await run({})).toBe('-32042 payment-required\n')
    await grant(url.json, 'a reader of the documentation', '1.00')
    const TOKEN = await signed({ sub: 'a reader of the documentation', entitlements: [] })
    expect(await run({ TOKEN })).toBe('the result of search\n')
    await rm(file)
  })
})
