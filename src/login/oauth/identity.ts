/**
 * Reads who signed in, and what they bought, from the tokens that a server has handed out.
 *
 * Every token is verified as one that a client sends, although it came from the server itself: by signature, issuer, audience,
 * type and time. An ID token beside an access token must speak of the same account.
 */
import { accountOf } from '../../access/claims.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import type { Issuer } from '../../access/issuer.ts'
import { judgeLifetime, type Lifetime } from '../../access/lifetime.ts'
import type { Receipt } from '../../access/receipt.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Clock } from '../../ports.ts'
import type { LoginContext, SessionClaims } from '../../rails/login.ts'
import { invalid, isName, isTime, readLifetime } from '../../tokens/claims.ts'
import { ENTITLEMENT, readEntitlement } from '../../tokens/entitlement.ts'
import { isReceipt } from '../../tokens/kind.ts'
import { PAYMENT } from '../../tokens/payment.ts'
import type { TokenReader } from '../../tokens/reader.ts'
import type { CheckedOAuth } from './options.ts'
import { idTokenIssuer } from './rules/idtokenissuer.ts'
import type { TokenSet } from './server.ts'

/** What tokens say. */
export type Identity =
  | {
      readonly kind: 'account'
      readonly claims: SessionClaims
      /** The server's own name of the sign-in. */
      readonly group: string | undefined
    }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }

/**
 * The reason that tokens say nothing. `early`: one is not valid yet. `unavailable`: the keys that verify it cannot be had now. `refused`:
 * one is not good here. `code`: for the log.
 */
export interface IdentityFault {
  readonly kind: 'early' | 'unavailable' | 'refused'
  readonly code: string
}

type Read<T> = Result<T, IdentityFault>

/** Reads the tokens of one login. */
export type ReadIdentity = (tokens: TokenSet, context: LoginContext) => Promise<Read<Identity>>

type Claims = Omit<Entitlement, 'accountHash'>

/** What an ID token says. */
interface NamedUser extends Lifetime {
  /** The account, named as access tokens name it; undefined if the ID token lacks a claim for that. */
  readonly account: string | undefined
  readonly group: string | undefined
  /** The claims of an entitlement; undefined if nobody asks the ID token for them. */
  readonly claims: Claims | undefined
}

type Options = Pick<CheckedOAuth, 'issuer' | 'clientId' | 'claims'>

/** Creates the reader of one login's tokens. */
export function createIdentity({ issuer, clientId, claims }: Options, clock: Clock): ReadIdentity {
  const hasClaims = claims === 'id-token'
  const reader = idTokenReader(hasClaims)
  const signerOf = createSigners(clientId, hasClaims)
  return async ({ access, id }, { zone, verifiers, call }) => {
    const issuers = zone.issuers.filter((one) => one.issuer === issuer)
    const verify = async <C extends Lifetime>(kind: TokenReader<C>, token: string, trusted: readonly Issuer[]) =>
      judge(await verifiers.verifyOnce(kind, token, { id: zone.id, issuers: trusted }, call), clock())
    const user = id === undefined ? ok(undefined) : await verify(reader, id, issuers.slice(0, 1).map(signerOf))
    if (!user.ok) return user
    const named = user.value
    if (hasClaims)
      return named?.claims === undefined
        ? NO_ID_TOKEN
        : ok(accountIn({ ...named.claims, signedBy: named.signedBy }, named))
    if (isReceipt(access)) {
      const receipt = await verify(PAYMENT, access, issuers)
      return receipt.ok ? ok({ kind: 'receipt', receipt: receipt.value }) : receipt
    }
    const found = await verify(ENTITLEMENT, access, issuers)
    if (!found.ok) return found
    if (named?.account !== undefined && named.account !== found.value.account) return OTHER_ACCOUNT
    return ok(accountIn(found.value, named))
  }
}

const NO_ID_TOKEN: Read<never> = err({ kind: 'refused', code: 'no_id_token' })
const OTHER_ACCOUNT: Read<never> = err({ kind: 'refused', code: 'other_account' })

/** Returns the issuer as it signs ID tokens. The same issuer gives the same object: caches are keyed by it. */
function createSigners(clientId: string, hasClaims: boolean): (issuer: Issuer) => Issuer {
  const known = new WeakMap<Issuer, Issuer>()
  return (issuer) => {
    const made = known.get(issuer) ?? makeSigner(issuer, clientId, hasClaims)
    known.set(issuer, made)
    return made
  }
}

function makeSigner(issuer: Issuer, clientId: string, hasClaims: boolean): Issuer {
  const signer = idTokenIssuer(issuer, clientId)
  if (hasClaims) return signer
  // What a token should say, and how long it may live, matters only where it opens something.
  const maxLifetimeSeconds = Number.MAX_SAFE_INTEGER
  return { ...signer, maxLifetimeSeconds, claims: { ...signer.claims, requires: [], refuses: [], expected: [] } }
}

/** `client` has compared `nonce` and `azp`. */
function idTokenReader(hasClaims: boolean): TokenReader<NamedUser> {
  return {
    kind: 'entitlement',
    accountOf: ({ account }) => account,
    bytesOf: () => 0,
    read(payload, issuer) {
      const { sub, sid, auth_time: signedInAt } = payload
      if (!isName(sub)) return invalid('The ID token has no "sub".')
      const lifetime = readLifetime(payload, issuer)
      if (!lifetime.ok) return lifetime
      const claims = hasClaims ? readEntitlement(payload, issuer) : ok(undefined)
      if (!claims.ok) return claims
      const group = isName(sid) ? sid : isTime(signedInAt) ? `auth_time ${signedInAt}` : undefined
      return ok({
        ...lifetime.value,
        account: accountOf(payload, issuer.claims.account),
        group: group !== undefined && group.length <= MAX_GROUP ? group : undefined,
        claims: claims.value,
      })
    },
  }
}

/** Longer names of a sign-in are passed over. */
const MAX_GROUP = 255

function judge<C extends Lifetime>(verified: Result<C, Refusal>, now: number): Read<C> {
  if (!verified.ok) return err(faultOf(verified.error))
  const untimely = judgeLifetime(verified.value, now)
  return untimely === undefined ? verified : err(faultOf(untimely))
}

function faultOf({ reason, check }: Refusal): IdentityFault {
  if (reason === 'credential-not-yet-valid') return { kind: 'early', code: reason }
  return { kind: reason === 'keys-unavailable' ? 'unavailable' : 'refused', code: check ?? reason }
}

function accountIn(claims: Claims & { signedBy?: string | undefined }, user: NamedUser | undefined): Identity {
  const { issuer, account, entitlements, plan, limits, standing, status, issuedAt, signedBy } = claims
  const said = { issuer, account, entitlements, plan, limits, standing, issuedAt }
  return {
    kind: 'account',
    claims: { ...said, ...(status && { status }), ...(signedBy !== undefined && { signedBy }) },
    group: user?.group,
  }
}
