import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, keys } from '../../src/index.ts'
import { MemoryJournal } from '../../src/platform/memory/journal.ts'
import { zoneFaults } from '../support/compiled.ts'
import { secretKey } from '../support/issuer.ts'
import { createEmergency, HOUR, ISSUER } from './emergencyworld.ts'

const NOON = Date.parse('2026-11-28T12:00:00Z')
const NOW = NOON / 1000
const BOUND_MS = 5000

beforeEach(() => {
  vi.useFakeTimers({ now: NOON, toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passes = (ms: number): void => void vi.setSystemTime(Date.now() + ms)

describe('a stolen key, told at noon', () => {
  it('opens nothing five seconds later, anywhere, whatever its tokens claim; honest tokens go on', async () => {
    const { isolate, stolen, honest, tokens, thumbprint } = await createEmergency()
    const [told, other] = [isolate(), isolate()]
    const thief = tokens(stolen)
    const before = [await thief.entitlement(), await thief.entitlement({ iat: NOW - HOUR }), await thief.listed()]
    const reader = await tokens(honest).entitlement({ sub: 'bob' })
    for (const one of [told, other]) expect(await one.statuses([...before, reader])).toEqual([200, 200, 200, 200])
    const order = await told.order('emergency', { distrust: await thumbprint(stolen) })
    expect([order.status, order.body]).toMatchObject([200, { zone: 'news', isRepeat: false }])
    const after = [
      await thief.entitlement({ iat: NOW + HOUR }),
      await thief.entitlement({ iat: NOW + HOUR, nbf: NOW - 1 }),
      await thief.entitlement({ iat: NOW + 4 }),
    ]
    expect(await told.statuses([...before, ...after, reader])).toEqual([402, 402, 402, 402, 402, 402, 200])
    passes(BOUND_MS)
    for (const one of [told, other, isolate()])
      expect(await one.statuses([...before, ...after, reader])).toEqual([402, 402, 402, 402, 402, 402, 200])
    passes(HOUR * 1000)
    expect(await other.statuses([...before, ...after, reader])).toEqual([402, 402, 402, 402, 402, 402, 200])
  })

  it('is refused for its key, and a cookie that it signed is kept', async () => {
    const { isolate, stolen, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    const token = await tokens(stolen).entitlement()
    await gate.order('emergency', { distrust: await thumbprint(stolen) })
    expect((await gate.ask('/paid', token)).body).toMatchObject({
      reason: 'credential-invalid',
      detail: expect.stringContaining('must sign a new token with another key'),
    })
    const inCookie = await gate.send('/paid', { headers: { cookie: `__Host-faregate=${token}` } })
    expect([inCookie.status, inCookie.reason, inCookie.headers.get('set-cookie')]).toEqual([
      402,
      'credential-invalid',
      null,
    ])
    const explained = await gate.ask('/__faregate/explain?target=/paid', token)
    expect(JSON.stringify(explained.body)).toContain('credential-invalid')
    expect((await gate.ask('/__faregate/account', token)).reason).toBe('credential-invalid')
  })

  it('may be named by the public key itself', async () => {
    const { isolate, stolen, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    const ordered = await gate.order('emergency', { distrust: stolen.jwk })
    expect(ordered.body).toMatchObject({ distrusted: [{ thumbprint: await thumbprint(stolen) }] })
    expect(await gate.statuses([await tokens(stolen).entitlement()])).toEqual([402])
  })

  it('signs no receipt, event, operator token or status list any more', async () => {
    const { isolate, stolen, honest, operator, site, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    const thief = tokens(stolen)
    const credited = { 'credit-granted': { amount: '5', currency: 'EUR' } }
    expect((await gate.ask('/sold', await thief.receipt('r-1'))).status).toBe(200)
    expect((await gate.event(await thief.event('e-1', credited))).status).toBe(202)
    expect((await gate.order('purge', { everything: true }, stolen)).status).toBe(200)
    await gate.order('emergency', { distrust: await thumbprint(stolen) })
    expect((await gate.ask('/sold', await thief.receipt('r-2'))).reason).toBe('credential-invalid')
    const refused = await gate.event(await thief.event('e-2', credited))
    expect([refused.status, refused.body]).toMatchObject([400, { err: 'invalid_key' }])
    expect((await gate.order('purge', { everything: true }, stolen)).status).toBe(401)
    // An honest token whose status is in a list of the stolen key: it cannot be known.
    const listed = await tokens(honest).listed()
    expect((await gate.ask('/paid', listed)).reason).toBe('standing-unavailable')
    site.listKey = honest
    passes(60_000)
    expect((await gate.ask('/paid', listed)).status).toBe(200)
    expect((await gate.order('purge', { everything: true }, operator)).status).toBe(200)
    expect((await gate.event(await tokens(honest).event('e-3', credited))).status).toBe(202)
  })

  it('cannot take the order back, and neither can anyone else', async () => {
    const { isolate, stolen, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    const named = await thumbprint(stolen)
    await gate.order('emergency', { distrust: named })
    expect((await gate.order('emergency', {}, stolen)).status).toBe(401)
    for (const body of [{ trust: named }, { distrust: named, lift: true }, { distrust: null }])
      expect((await gate.order('emergency', body)).status).toBe(400)
    expect((await gate.order('emergency', {})).body).toMatchObject({ distrusted: [{ thumbprint: named }] })
    expect(await gate.statuses([await tokens(stolen).entitlement()])).toEqual([402])
  })

  it('stays refused where the bulletin cannot be read, and where its store has lost the order', async () => {
    const { isolate, stolen, honest, site, tokens, thumbprint } = await createEmergency()
    const standing = { whenUnavailable: { serveSeconds: 600 } }
    const [gate, strict] = [isolate({ standing }), isolate()]
    const [bad, good] = [await tokens(stolen).entitlement(), await tokens(honest).entitlement()]
    await gate.order('emergency', { distrust: await thumbprint(stolen) })
    for (const one of [gate, strict]) expect(await one.statuses([bad, good])).toEqual([402, 200])
    site.isDown = true
    passes(60_000)
    expect(await gate.statuses([bad, good])).toEqual([402, 200])
    expect(await strict.statuses([bad, good])).toEqual([402, 503])
    expect((await strict.order('purge', { everything: true })).status).toBe(503)
    expect((await strict.event(await tokens(honest).event('e', {}))).status).toBe(503)
  })
})

describe('an API key', () => {
  it('is worth no more than the key that signed for its terms and its secret, until an operator vouches for it', async () => {
    const { isolate, stolen, honest, tokens, thumbprint } = await createEmergency()
    const gate = isolate(
      { rails: [bearer(), keys({ self: true })] },
      { GATE_SECRET: 'a secret of the gate, of 32 bytes' },
    )
    const own = async (body: object, key = honest) => {
      const headers = { authorization: `Bearer ${await tokens(key).entitlement()}`, 'content-type': 'application/json' }
      const made = await gate.send('/__faregate/account/keys', { method: 'POST', headers, body: JSON.stringify(body) })
      const { key: shown, secret } = made.body as { key?: { id: string }; secret?: string }
      return { id: shown?.id ?? '', secret: secret ?? `none: ${made.status}` }
    }
    const good = await own({ action: 'create', name: 'good' })
    const bad = await own({ action: 'create', name: 'bad' }, stolen)
    const changed = await own({ action: 'create', name: 'changed' })
    await own({ action: 'change', id: changed.id, entitlements: ['premium'], name: 'more' }, stolen)
    const rotated = await own({ action: 'rotate', id: good.id, until: '2026-11-29T12:00:00Z' }, stolen)
    const all = [good, bad, changed, rotated].map(({ secret }) => secret)
    expect(await gate.statuses(all)).toEqual([200, 200, 200, 200])
    await gate.order('emergency', { distrust: await thumbprint(stolen) })
    expect(await gate.statuses(all)).toEqual([200, 402, 402, 402])
    const enabled = await gate.order('keys', { action: 'enable', account: 'ann', id: changed.id })
    expect(enabled.status).toBe(200)
    passes(BOUND_MS)
    expect(await gate.statuses(all)).toEqual([200, 402, 200, 402])
  })
})

describe('an order of an emergency', () => {
  it('needs a scope of its own', async () => {
    const { isolate, operator, tokens, stolen, thumbprint } = await createEmergency()
    const gate = isolate()
    const token = await tokens(operator).operator('hold purge credit')
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ distrust: await thumbprint(stolen) })
    expect((await gate.send('/__faregate/emergency', { method: 'POST', headers, body })).status).toBe(403)
  })

  it('is done once, and recorded once in the zone’s audit, with the key that signed it', async () => {
    const { isolate, stolen, operator, platform, lines, thumbprint } = await createEmergency()
    const [one, other] = [isolate(), isolate()]
    const distrust = await thumbprint(stolen)
    expect((await one.order('emergency', { distrust })).body).toMatchObject({ isRepeat: false })
    for (const gate of [one, other])
      expect((await gate.order('emergency', { distrust })).body).toMatchObject({ isRepeat: true })
    const audit = await platform.bulletins?.('news', {}).order('audit', { most: 10 })
    expect(audit).toMatchObject({
      value: {
        records: [
          { action: 'distrust', by: ISSUER, signedBy: await thumbprint(operator), facts: { distrusted: distrust } },
        ],
      },
    })
    const noted = lines.flatMap(({ audit: line }) => (line?.action === 'distrust' ? [line] : []))
    expect(noted.map(({ done }) => done)).toEqual([true, false, false])
  })

  it('is not carried out if it cannot be recorded', async () => {
    const { isolate, stolen, tokens, thumbprint } = await createEmergency()
    const [one, other] = [isolate(), isolate()]
    const reader = await tokens(stolen).entitlement()
    const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    expect((await one.order('emergency', { distrust: await thumbprint(stolen) })).status).toBe(503)
    broken.mockRestore()
    passes(BOUND_MS)
    for (const gate of [one, other, isolate()]) expect(await gate.statuses([reader])).toEqual([200])
  })

  it.each([
    ['a thumbprint that is none', { distrust: 'abc' }],
    ['a private word for a key', { distrust: { kty: 'oct', k: 'AAAA' } }],
    ['an issuer of nobody', { issuer: 'https://evil.test', revokedBefore: '2026-11-28T11:00:00Z' }],
    ['a time that is none', { issuer: ISSUER, revokedBefore: 'noon' }],
    ['a time to come', { issuer: ISSUER, revokedBefore: '2099-11-28T11:00:00Z' }],
    ['no time', { issuer: ISSUER }],
  ])('is refused for %s', async (_what, body) => {
    const { isolate } = await createEmergency()
    expect((await isolate().order('emergency', body)).status).toBe(400)
  })

  it('voids what an issuer signed before, of every kind but its status lists', async () => {
    const { isolate, honest, tokens, site } = await createEmergency()
    site.listKey = honest
    const [gate, other] = [isolate(), isolate()]
    const old = [await tokens(honest).entitlement(), await tokens(honest).listed()]
    const event = await tokens(honest).event('e-1', { 'hold-placed': {} })
    passes(10_000)
    expect(await other.statuses(old)).toEqual([200, 200])
    const order = await gate.order('emergency', { issuer: ISSUER, revokedBefore: '2026-11-28T12:00:05Z' })
    expect(order.body).toMatchObject({ revokedBefore: [{ issuer: ISSUER, before: { seconds: NOW + 5 } }] })
    passes(BOUND_MS)
    for (const one of [gate, other]) {
      expect(await one.statuses(old)).toEqual([402, 402])
      expect(await one.statuses([await tokens(honest).entitlement(), await tokens(honest).listed()])).toEqual([
        200, 200,
      ])
      expect((await one.event(event)).status).toBe(400)
    }
    const earlier = await gate.order('emergency', { issuer: ISSUER, revokedBefore: '2026-11-28T11:00:00Z' })
    expect(earlier.body).toMatchObject({ isRepeat: true, revokedBefore: [{ before: { seconds: NOW + 5 } }] })
  })

  it('finds no room beyond sixty-four keys, and takes none away', async () => {
    const { isolate, stolen, honest, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    await gate.order('emergency', { distrust: await thumbprint(stolen) })
    for (let n = 0; n < 63; n++)
      await gate.order('emergency', { distrust: `${String(n).padStart(2, '0')}${'A'.repeat(41)}` })
    expect((await gate.order('emergency', { distrust: await thumbprint(honest) })).status).toBe(409)
    const both = [await tokens(stolen).entitlement(), await tokens(honest).entitlement()]
    expect(await gate.statuses(both)).toEqual([402, 200])
  })
})

describe('a configuration that names a stolen key', () => {
  it('voids what the key signed, for every kind of token and without a store', async () => {
    const stolenThumbprint = { value: '' }
    const { isolate, stolen, honest, operator, tokens, thumbprint } = await createEmergency()
    stolenThumbprint.value = await thumbprint(stolen)
    const issuers = [{ issuer: ISSUER, keys: [stolen.jwk, honest.jwk], distrusted: [stolenThumbprint.value] }]
    const gate = isolate({ issuers })
    const both = [await tokens(stolen).entitlement({ iat: NOW + 4 }), await tokens(honest).entitlement()]
    for (let n = 0; n < 2; n++) expect(await gate.statuses(both)).toEqual([402, 200])
    expect((await gate.order('purge', { everything: true }, stolen)).status).toBe(401)
    expect((await gate.event(await tokens(stolen).event('e', { 'hold-placed': {} }))).status).toBe(400)
    expect((await gate.order('emergency', {}, operator)).body).toMatchObject({
      distrusted: [{ thumbprint: stolenThumbprint.value, since: 'configuration' }],
    })
  })

  it('may name a secret, by the thumbprint of its JWK, which tells nothing of it', async () => {
    const { isolate, tokens } = await createEmergency()
    const secret = '0123456789abcdef0123456789abcdef'
    const key = await secretKey(secret)
    const distrusted = [await calculateJwkThumbprint(key.jwk)]
    const issuers = (more: object) => [{ issuer: ISSUER, secret: 'TOKEN_SECRET', ...more }]
    const env = { TOKEN_SECRET: secret }
    const token = await tokens(key).entitlement()
    expect(await isolate({ issuers: issuers({}) }, env).statuses([token])).toEqual([200])
    const shut = isolate({ issuers: issuers({ distrusted }) }, env)
    expect(await shut.statuses([token])).toEqual([402])
    const shown = await shut.order('emergency', {})
    expect(shown.body).toMatchObject({ distrusted: [{ thumbprint: distrusted[0] }] })
    expect(JSON.stringify(shown.body)).not.toContain(secret)
  })

  it.each([
    [{ distrusted: ['abc'] }, 'distrusted[0]'],
    [{ distrusted: Array.from({ length: 65 }, () => 'A'.repeat(43)) }, 'distrusted'],
    [{ revokedBefore: '28 November' }, 'revokedBefore'],
  ])('is at fault with %j', (change, path) => {
    const issuers = [{ issuer: ISSUER, jwks: { url: `${ISSUER}/jwks` }, ...change }]
    expect(zoneFaults({ issuers }).map((fault) => fault.path)).toEqual([`zones[0].issuers[0].${path}`])
  })

  it('voids what an issuer signed before a time', async () => {
    const { isolate, honest, tokens } = await createEmergency()
    const issuers = [{ issuer: ISSUER, keys: [honest.jwk], revokedBefore: '2026-11-28T12:00:00Z' }]
    const gate = isolate({ issuers })
    const both = [await tokens(honest).entitlement({ iat: NOW - 1 }), await tokens(honest).entitlement()]
    expect(await gate.statuses(both)).toEqual([402, 200])
  })
})
