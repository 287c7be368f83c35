import { after } from '../../core/eventually.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import type { Fault } from '../../config/rules/fault.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { bearerChallenge } from '../../tokens/bearer.ts'
import { presentedFrom } from '../presented.ts'
import type { Carried, Challenge, Contribution, Rail, Unverified } from '../rail.ts'
import { KEY_IN_TEXT, KEY_PREFIX, peekKey } from './format.ts'
import { KEY_PLACES, stripAnywhere } from './places.ts'
import { verifyKey } from './records.ts'

/** The options of API keys. */
export interface KeysOptions {
  /**
   * Lets owners make and change keys of their own at `/__faregate/account/keys`, within what their entitlements open. Default:
   * only operators.
   */
  self?: true | SelfServiceOptions
  /**
   * The field by which a request names a tag: usage is grouped by key and tag. 1 to 64 letters, digits and `._:@/+-`.
   * Default: `Faregate-Tag`.
   */
  tag?: string
}

/** What owners may do with keys of their own. */
export interface SelfServiceOptions {
  /**
   * The days after the end of the owner's token for which a key lives at most: 1 to 3660. Default: 35 if events tell the gate
   * of the owner's issuer, else none. Longer ones are safe if billing reports every cancellation as an event.
   */
  maxDays: number
}

/** The rail of API keys, with what its zone allows. */
export interface KeysRail extends Rail {
  /**
   * Returns the days that an owner's key may outlive the owner's token; undefined if only operators make keys. `isToldOf`: true
   * if events tell the gate of the owner's issuer.
   */
  readonly ownerDays: (isToldOf: boolean) => number | undefined
}

/** Returns the rail of API keys among the rails of a zone. */
export function keysRailIn(rails: readonly Rail[]): KeysRail | undefined {
  return rails.find((rail): rail is KeysRail => 'ownerDays' in rail)
}

const OWNER_DAYS = 35

const TAG_FIELD = 'Faregate-Tag'

/**
 * Takes API keys (`fg_…`) that the gate itself issues: see docs/api-keys.md. They come in `Authorization: Bearer`, in
 * `X-Api-Key`, `X-Goog-Api-Key` or `Api-Key`, in `Authorization: Basic` as the password or as the user name without one, and
 * in every place of `bearer()`. Needs `secrets.gate` and ledgers.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), keys()]
 * ```
 */
export function keys({ self, tag = TAG_FIELD }: KeysOptions = {}): KeysRail {
  return {
    name: 'keys',
    role: 'entitlement',
    kinds: [],
    needsGateKey: true,
    ownerDays: (isToldOf) => (self === true ? (isToldOf ? OWNER_DAYS : 0) : self?.maxDays),
    places: KEY_PLACES,
    recognise: (token) => (token.startsWith(KEY_PREFIX) ? 'key' : undefined),
    shape: KEY_IN_TEXT,
    present(carried) {
      const { sent } = carried
      if (sent?.kind !== 'key') return undefined
      if (!sent.token.ok) return presentedFrom('keys', sent, sent.token, carried)
      return after(verifyKey(sent.token.value, carried), (proof) =>
        presentedFrom('keys', sent, withTag(proof, carried.exchange, tag), carried),
      )
    },
    challenge,
    peek,
    strip(fields) {
      for (const place of KEY_PLACES) place.strip(fields)
      fields.delete(tag)
      stripAnywhere(fields)
    },
    faults: () => faultsOf(self, tag),
  }
}

const TAG_NAME = /^[A-Za-z][\w-]{0,63}$/
function faultsOf(self: unknown, tag: unknown): readonly Fault[] {
  const isField = typeof tag === 'string' && TAG_NAME.test(tag)
  const isSelf = self === undefined || self === true || (isDays(self) && self.maxDays >= 1 && self.maxDays <= 3660)
  return [
    ...(isField ? [] : [{ path: 'tag', message: 'expected the name of a header field' }]),
    ...(isSelf ? [] : [{ path: 'self', message: 'expected true, or {maxDays} from 1 to 3660' }]),
  ]
}

function isDays(self: unknown): self is SelfServiceOptions {
  return typeof self === 'object' && self !== null && 'maxDays' in self && typeof self.maxDays === 'number'
}

const TAG = /^[\w.:@/+-]{1,64}$/
const BAD_TAG = 'expected 1 to 64 letters, digits and "._:@/+-"'

/** Adds the tag of this request. Refuses a malformed one: its usage would be counted under another name. */
function withTag(
  proof: Result<Entitlement, Refusal>,
  { fields }: Exchange,
  name: string,
): Result<Entitlement, Refusal> {
  const tag = fields.get(name)
  if (tag === null || !proof.ok || proof.value.key === undefined) return proof
  if (!TAG.test(tag)) return err(refusal('request-malformed', `The field "${name}": ${BAD_TAG}.`))
  return ok({ ...proof.value, key: { ...proof.value.key, tag } })
}

function peek({ sent, zone }: Pick<Carried, 'sent' | 'zone'>): Unverified | undefined {
  const facts = sent?.kind === 'key' && sent.token.ok ? peekKey(sent.token.value, zone) : undefined
  if (sent === undefined || facts === undefined) return undefined
  const { id, generation, issuer, account } = facts
  return { kind: 'key', field: sent.field, header: {}, claims: { iss: issuer, sub: account, jti: id, generation } }
}

function challenge({ zone }: Challenge): Contribution {
  const value = `${bearerChallenge(zone.name, '', undefined)}, token_type="api-key"`
  return { fields: [['WWW-Authenticate', value]], isStatic: true }
}
