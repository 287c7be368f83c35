import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../src/logrecord.ts'
import { createGate } from '../../src/gate.ts'
import { anomalies, bearer } from '../../src/index.ts'
import { web } from '../../src/platform/web/index.ts'
import { secretKey, sign } from '../support/issuer.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ENV = { TOKEN_SECRET: SECRET, ACCOUNT_KEY: `accounts ${SECRET}`, SALT: `salt ${SECRET}` }
const DAY_MS = 86_400_000
const NOON = Date.parse('2026-11-29T12:00:00Z')

const site = (more: object, hosts: string[]) => ({
  ...ZONE,
  name: hosts[0] ?? '',
  hosts,
  issuers: [{ issuer: 'https://i.test', secret: 'TOKEN_SECRET' }],
  rails: [bearer()],
  unmatched: { requires: 'premium' },
  ...more,
})
const OPTIONS = {
  endpoints: [anomalies({ secret: 'SALT' })],
  log: { accountKey: 'ACCOUNT_KEY' },
  zones: [site({}, ['a.test']), site({}, ['b.test'])],
}

/** A gate that says what it logs, to clients at an address of the test's choice. */
function gate(options: Parameters<typeof compiled>[0] = OPTIONS, env = ENV) {
  const records: LogRecord[] = []
  let [address, now]: [string | undefined, number] = [undefined, NOON]
  const platform = {
    ...web(env),
    clock: () => now,
    clientAddress: () => address,
    countryOf: () => 'DE',
    asnOf: () => 3320,
    log: (lines: readonly LogRecord[]) => void records.push(...lines),
  }
  const { answer } = createGate({ ok: true, value: compiled(options, env) }, platform)
  const origin = () => ({ ok: true, value: { response: new Response('text') } }) as const
  return async (from: string | undefined, { at = NOON, host = 'a.test', token = '' } = {}): Promise<LogRecord> => {
    ;[address, now] = [from, at]
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    await answer(new Request(`https://${host}/`, { headers }), { origin, purge: async () => true }, () => undefined)
    const record = records.at(-1)
    if (record === undefined) throw new Error('no line')
    return record
  }
}

async function tokenOf(more: object = {}, now = NOON): Promise<string> {
  const claims = { iss: 'https://i.test', aud: 'https://a.test', sub: 'ann', entitlements: ['premium'], plan: 'Gold' }
  const iat = Math.floor(now / 1000) - 60
  return sign(await secretKey(SECRET), { ...claims, iat, exp: iat + 600, ...more }, { typ: 'entitlement+jwt' })
}

describe('the network of a line', () => {
  const ask = gate()
  const networkOf = async (...asked: Parameters<typeof ask>): Promise<string | undefined> =>
    (await ask(...asked)).network

  it.each([
    ['198.51.100.1', '198.51.100.254'],
    ['2001:db8:1:2::1', '2001:db8:1:ffff::9'],
  ])('is the same for %s and %s', async (one, other) => {
    expect(await networkOf(one)).toBe(await networkOf(other))
    expect(await networkOf(one)).toMatch(/^[\w-]{16}$/)
  })

  it.each([
    ['198.51.100.1', '198.51.101.1'],
    ['2001:db8:1::1', '2001:db8:2::1'],
  ])('is another for %s than for %s', async (one, other) => {
    expect(await networkOf(one)).not.toBe(await networkOf(other))
  })

  it('is another on each day, in each zone and under each secret, and the same all day', async () => {
    const one = await networkOf('198.51.100.1')
    expect(await networkOf('198.51.100.1', { at: NOON + DAY_MS / 2 - 1 })).toBe(one)
    const others = [
      await networkOf('198.51.100.1', { at: NOON + DAY_MS / 2 }),
      await networkOf('198.51.100.1', { host: 'b.test' }),
      (await gate(OPTIONS, { ...ENV, SALT: `another ${SECRET}` })('198.51.100.1')).network,
    ]
    expect(new Set([one, ...others]).size).toBe(4)
  })

  it('is absent where the address is unknown, or is none', async () => {
    expect([await networkOf(undefined), await networkOf('unknown')]).toEqual([undefined, undefined])
  })
})

describe('the token of a line', () => {
  it('is that of the id, whatever text it is in, and another in each zone', async () => {
    const ask = gate()
    const [one, other] = [await tokenOf({ jti: 'one' }), await tokenOf({ jti: 'one', nonce: 'x' })]
    const record = await ask('198.51.100.1', { token: one })
    expect(record).toMatchObject({ credential: 'verified', plan: 'Gold', country: 'DE', asn: 3320 })
    expect(record.token).toMatch(/^[\w-]{16}$/)
    expect((await ask('198.51.100.1', { token: other })).token).toBe(record.token)
    expect((await ask('198.51.100.1', { token: await tokenOf({ jti: 'two' }) })).token).not.toBe(record.token)
    expect((await ask('198.51.100.1', { token: one, host: 'b.test' })).token).not.toBe(record.token)
  })

  it('is that of the text if the credential has no id, or is not genuine', async () => {
    const ask = gate()
    const [token, more] = [await tokenOf(), await tokenOf({ nonce: 'x' })]
    const forged = `${token.slice(0, -6)}AAAAAA`
    const all = [token, more, forged, 'garbage', 'rubbish']
    const records: LogRecord[] = []
    for (const each of all) records.push(await ask(undefined, { token: each }))
    const tokens = records.map((record) => record.token)
    expect(new Set(tokens).size).toBe(all.length)
    expect(tokens.every((each) => each !== undefined)).toBe(true)
    expect(records.map(({ account }) => account !== undefined)).toEqual([true, true, false, false, false])
    expect((await ask(undefined)).token).toBeUndefined()
  })
})

describe('a configuration that watches', () => {
  it('needs the hash of accounts', () => {
    const { log: _log, ...without } = OPTIONS
    expect(faultsOf(without, ENV)).toEqual([{ path: 'log.accountKey', message: 'is missing: endpoints[0] needs it' }])
  })

  it.each<[string, object, string]>([
    ['neither observes nor acts', { mode: 'guess' }, "expected 'observe' or 'act'"],
    ['names a signal that there is not', { act: { tarot: 'hold' } }, 'tarot'],
    ['names a step that there is not', { act: { hands: 'ban' } }, 'expected one of note, slow, ask, hold'],
    ['holds by one signal', { hold: { needs: 1 } }, 'from 2 to 3'],
    ['exempts nobody in particular', { exempt: ['ann'] }, 'expected plan:<plan>'],
    ['has a short secret', { secret: 'TOO_SHORT' }, '32'],
  ])('is at fault if it %s', (_, more, message) => {
    const endpoints = [anomalies({ secret: 'SALT', ...more })]
    expect(JSON.stringify(faultsOf({ ...OPTIONS, endpoints }, { ...ENV, TOO_SHORT: 'short' }))).toContain(message)
  })
})
