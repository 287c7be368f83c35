import { beforeAll, describe, expect, it } from 'vitest'
import { decide } from '../../src/access/decide.ts'
import type { Presentation } from '../../src/access/proof.ts'
import { match, type Route } from '../../src/access/route.ts'
import { type Reason, REASONS, refusal } from '../../src/core/problem.ts'
import { capture } from '../../src/http/capture.ts'
import { isFieldName } from '../../src/http/rules/fields.ts'
import { readCredentials } from '../../src/rails/carried.ts'
import { withoutUrlTokens } from '../../src/rails/inurl.ts'
import type { Carried, Contribution, Rail, SettlerPlatform } from '../../src/rails/rail.ts'
import { refuse, respond } from '../../src/refusals/respond.ts'
import { stripBearer } from '../../src/tokens/bearer.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { leaked } from '../tokens/hostile/gate.ts'
import { makeParties, NEWS, NOW, type Parties } from '../tokens/hostile/parties.ts'
import { createGate, type Gate } from '../tokens/payment/gate.ts'
import { hostileSpellings, tampered } from './spellings.ts'

/** A rail, and a client that has a credential for it. */
export interface RailCase {
  readonly create: () => Rail
  /** The gate with this rail; by default one that keeps nothing. */
  readonly open?: (parties: Parties, rail: Rail) => RailGate
  /** Makes a credential that opens `path`. */
  readonly credential: (parties: Parties, gate: RailGate) => Promise<string>
  /** The fields that have to be sent beside it. */
  readonly beside?: (gate: RailGate) => Readonly<Record<string, string>>
  /** Where it is sent: the field, and its value. What is sent in the field `URL` is the parameter `token` of the target. */
  readonly sent: (credential: string) => readonly [name: string, value: string]
  readonly path: string
  /**
   * Present if a part of the credential is proved only by whoever moves the money. A credential that was changed there may
   * count, but only as the same payment.
   */
  readonly provenBy?: 'settler'
  /** The part of a credential that no refusal may show. Default: all of it. */
  readonly secretIn?: (credential: string) => string
  /** What `explain` shows of it. */
  readonly shown: Readonly<Record<string, unknown>>
  /** Where the rail's settler checks payments, if the rail itself cannot tell a forged one. */
  readonly platform?: SettlerPlatform
}

export type RailGate = Pick<Gate, 'site' | 'services'>

const EVERY_REASON = Object.keys(REASONS) as Reason[]
const TARGETS = ['/reports/1', '/both/1?a=b', '/paid/1', '/kept/1', '/free/1', `/reports/${'%C3%A9'.repeat(900)}`]
const MAX_FIELDS_BYTES = 6 * 1024

type Fields = readonly (readonly [name: string, value: string])[]

/** The contract of rails: each passes all of it. */
export function holdRailToContract(
  name: string,
  {
    create,
    open,
    credential,
    beside = () => ({}),
    sent,
    path,
    shown,
    provenBy,
    platform,
    secretIn = (all) => all,
  }: RailCase,
): void {
  let gate: RailGate
  let rail: Rail
  let good: string

  beforeAll(async () => {
    const parties = await makeParties()
    rail = create()
    const { ledgers, bulletins } = memory({}, {}, { clock: () => NOW * 1000 })
    gate = open?.(parties, rail) ?? createGate(parties, [rail], ledgers && bulletins && { ledgers, bulletins })
    good = await credential(parties, gate)
  })

  const carriedBy = (fields: Fields, base = NEWS, target = path): Carried => {
    const { site, services } = gate
    const headers = new Headers()
    const inUrl = fields.flatMap(([field, value]) => (field === 'URL' ? `token=${encodeURIComponent(value)}` : []))
    for (const [field, value] of fields) if (field !== 'URL') headers.append(field, value)
    if (headers.has(sent('')[0])) for (const [field, value] of Object.entries(beside(gate))) headers.set(field, value)
    const url = inUrl.length === 0 ? `${base}${target}` : `${base}${target}?${inUrl.join('&')}`
    const exchange = withoutUrlTokens(capture(new Request(url, { headers }), NOW * 1000), site)
    const matched = match(site.zone.routes, exchange.target, exchange.method)
    const terms = matched.ok ? matched.value.terms : undefined
    return {
      exchange,
      offer: terms?.kind === 'paid' ? terms.offer : undefined,
      zone: site.zone,
      ...readCredentials(exchange, site.reading, services.rememberedKind),
      verifiers: services,
      stores: services,
      logins: site.logins ?? [],
      call: CALL,
    }
  }
  const routeOf = ({ exchange }: Carried): Route => {
    const matched = match(gate.site.zone.routes, exchange.target, exchange.method)
    if (!matched.ok) throw new Error(matched.error.detail)
    return matched.value
  }
  const presented = async (fields: Fields, base?: string): Promise<Presentation | undefined> =>
    rail.present(carriedBy(fields, base))
  const nameOf = async (fields: Fields): Promise<string | undefined> => {
    const proof = (await presented(fields))?.proof
    return proof?.ok === true && proof.value.kind === 'payment' ? proof.value.name : undefined
  }
  const decided = async (fields: Fields): Promise<string> => {
    const found = await presented(fields)
    const decision = decide(routeOf(carriedBy(fields)).terms, found && [found], carriedBy(fields).exchange)
    if (decision.action !== 'serve') return decision.refusal.reason
    const proof = found?.proof.ok === true ? found.proof.value : undefined
    const settler = platform && rail.settler?.create(platform)
    const verified = proof?.kind === 'payment' ? await settler?.verify?.(proof, CALL) : undefined
    return verified?.ok === false ? verified.error.reason : 'serve'
  }

  describe(`the rail ${name}`, () => {
    it.each<[string, Fields]>([
      ['nothing', []],
      ['another scheme', [['authorization', 'Basic YTpi']]],
      ['a cookie of the origin', [['cookie', 'session=1']]],
      ['an unknown payment field', [['x-other-payment', 'paid']]],
    ])('presents nothing for a request with %s', async (_what, fields) => {
      expect(await presented(fields)).toBeUndefined()
      expect(rail.peek(carriedBy(fields))).toBeUndefined()
    })

    it('presents a credential in its place, under its own name and role, and each time the same', async () => {
      const found = await presented([sent(good)])
      expect(found).toMatchObject({ rail: rail.name, role: rail.role, proof: { ok: true } })
      expect(await presented([sent(good)])).toEqual(found)
      expect(await decided([sent(good)])).toBe('serve')
    })

    it('serves for no credential that was changed in any place', async () => {
      const named = await nameOf([sent(good)])
      for (const changed of tampered(good)) {
        const fields = [sent(changed)]
        const isSame = provenBy === 'settler' && named !== undefined && (await nameOf(fields)) === named
        if (!isSame) expect(await decided(fields), changed).not.toBe('serve')
      }
    })

    it('serves for no hostile spelling, and throws for none', async () => {
      for (const fields of hostileSpellings(good, sent)) {
        expect(await decided(fields), JSON.stringify(fields)).not.toBe('serve')
        expect(() => rail.peek(carriedBy(fields))).not.toThrow()
      }
    })

    it('refuses what came over plain http', async () => {
      const found = await presented([sent(good)], NEWS.replace('https:', 'http:'))
      expect(found?.proof).toMatchObject({ ok: false, error: { check: 'transport' } })
    })

    it('shows what it has found unverified, and without waiting', () => {
      for (const value of [good, lastChanged(good)]) {
        expect(rail.peek(carriedBy([sent(value)]))).toMatchObject({ field: sent(value)[0], claims: shown })
      }
    })

    it('strips its credential, and nothing else', () => {
      const others: Fields = [
        ['accept', 'text/html'],
        ['cookie', 'session=1'],
        ['x-other', sent(good)[0]],
      ]
      const headers = new Headers(
        [...others, ...Object.entries(beside(gate)), sent(good)].map(([field, value]) => [field, value]),
      )
      rail.strip(headers)
      stripBearer(headers, gate.site.zone)
      expect([...headers]).toEqual(others)
    })

    it('says nothing of a credential in a refusal', async () => {
      for (const value of [...tampered(good), good]) {
        const carried = carriedBy([sent(value)])
        const found = await rail.present(carried)
        const why = found?.proof.ok === false ? found.proof.error : refusal('payment-spent', 'It was used.')
        const response = respond(refuse(why, carried.exchange, { site: gate.site, route: routeOf(carried) }), 0, 0)
        const said = `${[...response.headers].join('\n')}\n${await response.text()}`
        expect(leaked(secretIn(value), said)).toBeUndefined()
      }
    })

    it('names fields that can be sent', () => {
      const names = [...(rail.exposes ?? []), ...(rail.credentialFields ?? [])]
      expect(names.filter((one) => !isFieldName(one))).toEqual([])
      expect(rail.credentialFields ?? []).toEqual((rail.credentialFields ?? []).map((one) => one.toLowerCase()))
    })
  })

  describe(`the challenge of ${name}`, () => {
    const challenged = (reason: Reason, target: string, method = 'GET'): Contribution => {
      const exchange = capture(new Request(`${NEWS}${target}`, { method }), NOW * 1000)
      const { terms } = routeOf(carriedBy([], NEWS, target))
      const offer = terms.kind === 'paid' ? terms.offer : undefined
      return rail.challenge({ zone: gate.site.zone, refusal: refusal(reason, HOSTILE), offer, exchange })
    }

    it.each(EVERY_REASON)('is well-formed and short for %s, whatever was asked for', (reason) => {
      for (const target of TARGETS) {
        const { fields, members } = challenged(reason, target)
        for (const [field, value] of fields) {
          expect(isFieldName(field)).toBe(true)
          expect(value).toMatch(/^[\x20-\x7e]+$/)
        }
        const bytes = fields.reduce((sum, [field, value]) => sum + field.length + value.length + 4, 0)
        expect(bytes).toBeLessThan(MAX_FIELDS_BYTES)
        expect(JSON.parse(JSON.stringify(members ?? {}))).toEqual(members ?? {})
      }
    })

    it('is the same for each exchange where it says so', () => {
      for (const reason of EVERY_REASON) {
        for (const target of TARGETS) {
          const one = challenged(reason, target)
          if (one.isStatic === true) expect(challenged(reason, `${target}?other`, 'POST')).toEqual(one)
        }
      }
    })

    it.each<Reason>(['security-hold', 'settlement-unknown'])('is not given with %s', async (reason) => {
      const carried = carriedBy([])
      const why = refusal(reason, 'It is.')
      const response = respond(refuse(why, carried.exchange, { site: gate.site, route: routeOf(carried) }), 0, 0)
      for (const field of ['www-authenticate', ...(rail.exposes ?? [])]) expect(response.headers.get(field)).toBeNull()
      const body = (await response.json()) as object
      const asked = challenged('payment-required', path)
      expect(Object.keys(body).filter((member) => member in (asked.members ?? {}))).toEqual([])
    })
  })
}

const CALL = { now: NOW * 1000, waitUntil: () => undefined }
const HOSTILE = `"'\\<>\r\n\u0000 \u{1f4b8} ${'x'.repeat(2000)}`

function lastChanged(credential: string): string {
  const at = credential.length - 20
  return `${credential.slice(0, at)}${credential[at] === 'Q' ? 'g' : 'Q'}${credential.slice(at + 1)}`
}
