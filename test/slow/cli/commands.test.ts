import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open, shut } from '../../../tools/loopback.ts'
import { installPackage, type Installed, type Ran, type Started, writeSecrets } from './installed.ts'

/** Found in no output. */
const CANARIES = {
  ACCOUNT_HASH_KEY: 'canary of the log, of thirty-two bytes',
  GATE_SECRET: 'canary of the gate, of thirty-two bytes',
}

let installed: Installed
let origin: Server
let folder: string
let gate: Started
/** All that any command printed, but for what is there to be taken: tokens and new keys on standard output. */
const printed: string[] = []
const canaries = new Set<string>(Object.values(CANARIES))

beforeAll(async () => {
  installed = installPackage()
  origin = createServer((request, response) => response.end(`origin: ${request.url}`))
  folder = installed.project('api')
  await installed.run(folder, ['keys', 'generate', '--out', 'billing.jwks.json'])
  const url = await open(origin)
  const options = ['--origin', url, '--host', 'api.example.com', '--issuer', 'billing', '--jwks', 'billing.jwks.json']
  await installed.run(folder, ['init', 'api', ...options])
  const secrets = Object.entries({ ...CANARIES, ORIGIN_URL: url }).map(([name, value]) => `${name}=${value}\n`)
  writeSecrets(folder, secrets.join(''))
  const [, secret = ''] = /"d": "([^"]+)"/.exec(readFileSync(join(folder, 'billing.key.json'), 'utf8')) ?? []
  canaries.add(secret)
  gate = await installed.start(folder)
}, 120_000)
afterAll(async () => {
  await gate.end()
  await shut(origin)
  installed.remove()
})

/** Runs a command against the gate, with the key of billing, which is the operators' too. */
async function faregate(...args: string[]): Promise<Ran> {
  const env = { FAREGATE_GATE: gate.url, FAREGATE_OPERATOR_KEY: 'billing.key.json' }
  const ran = await installed.run(folder, args, env)
  const isTaken = args[0] === 'token' || (args[0] === 'key' && /^fg_|"secret"/.test(ran.out))
  printed.push(ran.err, ...(isTaken ? [] : [ran.out]))
  return ran
}

async function entitlement(account: string): Promise<string> {
  const args = ['token', 'entitlement', '--key', 'billing.key.json', '--entitlements', 'api', '--account', account]
  const { out } = await faregate(...args)
  canaries.add(out.trim())
  return out.trim()
}

const get = (credential: string): Promise<Response> =>
  fetch(`${gate.url}/v1/things`, { headers: { authorization: `Bearer ${credential}` } })

describe('faregate key', () => {
  it('prints a new key alone on standard output, which opens what it says until it is disabled', async () => {
    const made = await faregate(
      'key',
      'create',
      '--account',
      'a-1',
      '--name',
      'build',
      '--entitlements',
      'api',
      '--limit',
      'requests=3/P1D',
    )
    expect(made).toMatchObject({ code: 0, err: expect.stringMatching(/^the key \S+ is shown once\n$/) })
    const key = made.out.trim()
    expect(key).toMatch(/^fg_[\w-]+$/)
    canaries.add(key)
    expect((await get(key)).status).toBe(200)
    const [, id = ''] = /the key (\S+) is/.exec(made.err) ?? []
    expect(await faregate('key', 'disable', id, '--account', 'a-1')).toEqual({
      code: 0,
      out: `the key ${id} is disabled\n`,
      err: '',
    })
    expect((await get(key)).status).toBe(402)
    await faregate('key', 'enable', id, '--account', 'a-1')
    const rotated = await faregate('key', 'rotate', id, '--account', 'a-1', '--overlap', '1h', '--json')
    const { secret }: { secret: string } = JSON.parse(rotated.out)
    canaries.add(secret)
    expect([(await get(key)).status, (await get(secret)).status]).toEqual([200, 200])
    const listed: unknown = JSON.parse((await faregate('key', 'list', '--account', 'a-1', '--json')).out)
    expect(listed).toMatchObject({ keys: [{ id, name: 'build', isDisabled: false }] })
    const counted: unknown = JSON.parse((await faregate('keys', 'generations', '--json')).out)
    expect(counted).toMatchObject({ generations: { 1: 1 } })
    expect((await faregate('key', 'remove', id, '--account', 'a-1')).code).toBe(0)
    expect((await get(secret)).status).toBe(402)
  })
})

describe('orders and events', () => {
  it('are carried out, and told in a line', async () => {
    const token = await entitlement('a-2')
    expect((await get(token)).status).toBe(200)
    const event = (...args: string[]): Promise<Ran> =>
      faregate('event', '--key', 'billing.key.json', '--account', 'a-2', ...args)
    expect(await event('--standing', 'past-due')).toEqual({ code: 0, out: '202: a-2 is past-due\n', err: '' })
    expect(await (await get(token)).json()).toMatchObject({ reason: 'payment-declined' })
    await event('--standing', 'active')
    expect((await faregate('hold', '--account', 'a-2')).out).toBe('a-2 is held\n')
    expect(await (await get(token)).json()).toMatchObject({ reason: 'security-hold' })
    expect((await faregate('hold', '--account', 'a-2', '--lift')).out).toBe('a-2 is not held\n')
    expect((await get(token)).status).toBe(200)
    expect((await faregate('credit', '--account', 'a-2', '--amount', '5.00 USD', '--id', 'g')).out).toBe(
      'a-2 has 5 USD\n',
    )
    expect((await faregate('credit', '--account', 'a-2', '--amount', '5.00 USD', '--id', 'g')).out).toMatch(
      /granted before/,
    )
    const take = (...args: string[]): Promise<Ran> =>
      faregate('credit', '--account', 'a-2', '--take', '--amount', '7.00 USD', ...args)
    expect((await take('--id', 't', '--grant', 'g')).out).toBe('a-2 has 0 USD\n')
    expect((await take('--id', 'u')).out).toBe('a-2 has 0 USD and owes 7 USD\n')
    expect((await take('--id', 'v', '--grant', 'h')).out).toBe('nothing is taken of a-2 until that grant comes\n')
    expect((await take('--id', 'v', '--grant', 'h')).out).toMatch(/taken before/)
    expect((await faregate('purge', '--path', '/v1/*')).out).toMatch(/^purged in api: path \/v1/)
  })
})

describe('questions', () => {
  it('are answered to a client by its own credential, and to an operator for an account', async () => {
    writeFileSync(join(folder, 'token.txt'), await entitlement('a-3'))
    const own = await faregate('account', '--token-file', 'token.txt', '--json')
    expect(JSON.parse(own.out)).toMatchObject({ account: { id: 'a-3' } })
    const why = await faregate('explain', '/v1/things', '--token-file', 'token.txt', '--json')
    expect(JSON.parse(why.out)).toMatchObject({ decision: { action: 'serve' } })
    const unpaid = await faregate('explain', '/v1/things', '--json')
    expect(JSON.parse(unpaid.out)).toMatchObject({ decision: { reason: 'payment-required' } })
    await get(readFileSync(join(folder, 'token.txt'), 'utf8'))
    const looked = await faregate('account', '--account', 'a-3', '--json')
    expect(JSON.parse(looked.out)).toMatchObject({ account: { id: 'a-3' } })
    expect((await faregate('explain', '/v1/things', '--account', 'a-3', '--entitlements', 'api', '--json')).code).toBe(
      0,
    )
    expect((await faregate('emergency', '--json')).code).toBe(0)
  })
})

describe('what cannot be done', () => {
  it.each([
    [['hold'], 2, /give --account or --jti/],
    [['hold', '--account', 'a', '--gate', 'http://gate.example.com'], 2, /--gate: expected https/],
    [['hold', '--account', 'a', '--operator-token-file', 'billing.key.json'], 2, /billing\.key\.json: holds no token/],
    [['hold', '--account', 'a', '--operator-key', 'billing.jwks.json'], 2, /holds no private key/],
    [['hold', '--account', 'a', '--gate', 'http://localhost:9'], 3, /cannot be reached/],
    [['hold', '--account', 'a', '--issuer', 'https://other.example.com'], 1, /^faregate hold: 401: /],
    [['key', 'disable', 'unknown', '--account', 'a'], 1, /^faregate key: 404: /],
    [['credit', '--account', 'a', '--amount', '5'], 2, /--amount: expected '5\.00 USD'/],
    [['event', '--key', 'billing.key.json', '--standing', 'active'], 2, /--account: say whose account it is/],
    [
      ['event', '--key', 'billing.key.json', '--account', 'a', '--standing', 'gone'],
      2,
      /--standing: expected one of active/,
    ],
    [['token', 'entitlement', '--key', 'billing.key.json', '--account', '', '--entitlements', 'a'], 2, /account|sub/],
    [
      ['token', 'entitlement', '--key', '.dev.vars', '--account', 'a', '--entitlements', 'a'],
      2,
      /holds no private key/,
    ],
    [['keys', 'generate'], 1, /there already, and is left as it is/],
    [['start', '--port', '0'], 1, /is in use by another/],
    [['purge'], 2, /name what to purge/],
    [['account'], 2, /give --token-file/],
    [['explain', 'articles'], 1, /Name what to explain/],
    [['unknown'], 2, /Unknown command/],
  ])('%j is exit code %d, with a reason in words', async (args, code, said) => {
    const ran = await faregate(...args)
    expect([ran.code, ran.out]).toEqual([code, ''])
    expect(ran.err).toMatch(said)
    expect(ran.err).not.toContain('    at ')
    const asJson = await faregate(...args, '--json')
    if (code !== 2) expect(JSON.parse(asJson.err)).toMatchObject({ error: expect.any(String) })
  })

  it('is told without a secret, as all that any command prints', () => {
    printed.push(...gate.lines)
    expect(printed.length).toBeGreaterThan(60)
    for (const canary of canaries) expect(canary.length).toBeGreaterThan(20)
    const found = printed.filter((text) => [...canaries].some((canary) => text.includes(canary)))
    expect(found).toEqual([])
  })
})
