import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import { fetch, WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signingKey } from '../../demo/keys.ts'
import { type Running, startAll } from './running.ts'
import { open } from '../../tools/loopback.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

let demo: Running
/** Stands in for a gate, and takes whatever it is told. */
let taker: Server
let site: string
let taken: { type: string | undefined; event: string }[] = []

beforeAll(async () => {
  demo = await startAll()
  taker = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      taken.push({ type: request.headers['content-type'], event: Buffer.concat(chunks).toString() })
      response.writeHead(request.url === '/__faregate/events' ? 202 : 404).end()
    })
  })
  site = await open(taker)
})
afterAll(async () => {
  taker.close()
  await demo.stop()
})

/** What `npm run event -- <args>` prints, and how it ends. */
async function event(...args: string[]): Promise<[code: number, out: string, err: string]> {
  try {
    const { stdout, stderr } = await run(process.execPath, [join(root, 'demo/event.ts'), ...args], { cwd: root })
    return [0, stdout, stderr]
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return [code, stdout, stderr]
  }
}

async function claimsOf(token: string): Promise<JWTPayload> {
  const { publicJwk } = await signingKey()
  const keys = createLocalJWKSet({ keys: [publicJwk] })
  return (await jwtVerify(token.trim(), keys, { typ: 'secevent+jwt', audience: 'https://www.example.com' })).payload
}

const OURS = 'urn:faregate:event:'

const TRIP = `${'a'.repeat(32)}.${'b'.repeat(16)}`

describe('npm run event', () => {
  it('signs what happened, posts it, and says what it told', async () => {
    taken = []
    const args = ['--sub', 'account-7', '--standing', 'past-due', '--entitlements', 'a,b', '--hold', '--id', 'e-1']
    const said = '202: account-7 is past-due, may use a, b, is held\n'
    expect(await event('--url', site, ...args, '--toe', '-3d')).toEqual([0, said, ''])
    expect(taken.map(({ type }) => type)).toEqual(['application/secevent+jwt'])
    const { iat = 0, ...claims } = await claimsOf(taken[0]?.event ?? '')
    expect(claims).toMatchObject({ jti: 'e-1', toe: iat - 3 * 86_400, sub_id: { format: 'iss_sub', sub: 'account-7' } })
    expect(claims['events']).toEqual({
      [`${OURS}standing-changed`]: { standing: 'past-due' },
      [`${OURS}entitlements-changed`]: { entitlements: ['a', 'b'] },
      [`${OURS}hold-placed`]: {},
    })
  })

  it.each<[string[], Record<string, unknown>]>([
    [['--revoke-jti', 't', '--revoke-jti', 'u'], { 'tokens-revoked': { jtis: ['t', 'u'] } }],
    [['--declined', TRIP], { 'payment-declined': { trip: TRIP } }],
    [['--paid', TRIP], { 'payment-succeeded': { trip: TRIP } }],
    [['--sub', 'a', '--revoke-before', '7'], { 'tokens-revoked': { before: 7 } }],
    [['--sub', 'a', '--entitlements', ''], { 'entitlements-changed': { entitlements: [] } }],
    [
      ['--sub', 'a', '--grant', '5 USD', '--lift'],
      { 'credit-granted': { amount: '5', currency: 'USD' }, 'hold-lifted': {} },
    ],
    [
      ['--sub', 'a', '--take', '5 USD', '--of', 'payment-1'],
      { 'credit-taken': { amount: '5', currency: 'USD', grant: 'payment-1' } },
    ],
  ])('makes of %j an event and posts nothing, when it is run dry', async (args, events) => {
    taken = []
    const [code, out, said] = await event('--url', site, '--dry-run', ...args)
    expect([code, said, taken]).toEqual([0, '', []])
    const named = Object.fromEntries(Object.entries(events).map(([name, payload]) => [`${OURS}${name}`, payload]))
    expect((await claimsOf(out))['events']).toEqual(named)
  })

  it('grants what the gate then takes for a page', async () => {
    const reader = await demo.token('--sub', 'event-reader', '--entitlements', 'none')
    const ask = () => fetch(`${demo.gate}/reports/1`, { headers: { authorization: `Bearer ${reader}` } })
    expect((await ask()).status).toBe(402)
    const args = ['--url', demo.gate, '--issuer', issuerOf(reader), '--sub', 'event-reader', '--id', 'g']
    expect(await event(...args, '--grant', '5 USD')).toEqual([0, '202: event-reader has 5 USD more\n', ''])
    expect((await ask()).status).toBe(200)
    expect(await event(...args, '--grant', '6 USD')).toEqual([
      1,
      '',
      expect.stringMatching(/^faregate event: 400: invalid_request: Credit was granted already/),
    ])
  })

  it('ends the streams and sockets of whom it tells of', async () => {
    const reader = await demo.token('--sub', 'event-watcher', '--entitlements', 'api')
    const headers = { authorization: `Bearer ${reader}` }
    const stream = await fetch(`${demo.gate}/api/stream?n=3600`, { headers })
    const socket = new WebSocket(`${demo.gate.replace('http', 'ws')}/api/socket`, { headers })
    const closed = once(socket, 'close')
    await once(socket, 'open')
    const args = ['--url', demo.gate, '--issuer', issuerOf(reader), '--sub', 'event-watcher']
    expect((await event(...args, '--standing', 'inactive'))[0]).toBe(0)
    expect(await stream.text()).toContain('"of":3600')
    expect(await closed).toEqual([expect.objectContaining({ code: 4402 })])
  })

  it('ends with 1 and the gate’s own words when it is refused', async () => {
    const refusals: [string[], RegExp][] = [
      [['--issuer', 'https://evil.example'], /^faregate event: 400: invalid_issuer: /],
      [['--audience', 'https://other.example'], /^faregate event: 400: invalid_audience: /],
    ]
    const issuer = issuerOf(await demo.token())
    for (const [args, words] of refusals) {
      const good = ['--url', demo.gate, '--issuer', issuer, '--sub', 'a', '--standing', 'active']
      expect(await event(...good, ...args)).toEqual([1, '', expect.stringMatching(words)])
    }
  })

  it.each<[string[], number, RegExp]>([
    [[], 2, /say what happened/],
    [['--hold'], 2, /--account/],
    [['--sub', 'a', '--standing', 'active', '--toe', '1d'], 2, /future/],
    [['--sub', 'a', '--standing', 'gold'], 2, /--standing: expected one of active/],
    [['--revoke-jti', 't', '--hold'], 2, /--account/],
    [['--declined', TRIP, '--hold'], 2, /--account/],
    [['--declined', TRIP, '--paid', TRIP], 2, /--paid: not with/],
    [['--sub', 'a', '--revoke-jti', 't', '--revoke-before', 'now'], 2, /--revoke-before: not with/],
    [['--sub', 'a', '--hold', '--lift'], 2, /--lift: not with --hold/],
    [['--sub', 'a', '--grant', '5'], 2, /--grant: expected/],
    [['--sub', 'a', '--hold', '--toe', 'yesterday'], 2, /--at: expected/],
    [['--sub', 'a', '--hold', '--url', 'http://news.example'], 2, /--gate: expected https/],
    [['--sub', 'a', '--hold', '--url', 'http://127.0.0.1:1'], 3, /cannot be reached/],
  ])('called with %j ends with %i', async (args, code, words) => {
    expect(await event(...args)).toEqual([code, '', expect.stringMatching(words)])
  })

  it('explains itself', async () => {
    expect((await event('--help'))[1]).toContain('Usage: faregate event')
  })
})

/** Which billing backend the running demo trusts. */
function issuerOf(token: string): string {
  return decodeJwt(token).iss ?? ''
}
