/**
 * `faregate check --token <file>`: runs a real token through the configuration of each zone, by the gate's own code, and
 * says which issuer took it or why none did, check by check, and what it opens. Keys are fetched from the JWKS, or come
 * from a file. If the signature cannot be checked, the rest is judged all the same, and the report says so. An expired token
 * is judged as of when it was issued. No part of the token is in the report but the claims that the configuration reads.
 */
import { decide, type Decision } from '../../src/access/decide.ts'
import { takes } from '../../src/access/cost.ts'
import { judgeLifetime } from '../../src/access/lifetime.ts'
import type { EmptyPlace } from '../../src/access/missedclaims.ts'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import type { Presented, TokenProof } from '../../src/access/proof.ts'
import { type Route, routeName } from '../../src/access/route.ts'
import { type Check, CREDENTIAL_CHECKS, type Refusal } from '../../src/core/problem.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { describeDecision, type ExplainView } from '../../src/endpoints/explainview.ts'
import { type Captured, capture } from '../../src/http/capture.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import type { Call, Platform } from '../../src/ports.ts'
import type { Site } from '../../src/site.ts'
import { isSpokenFor } from '../../src/standing/rules/speaker.ts'
import { ENTITLEMENT } from '../../src/tokens/entitlement.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import { isObject, readCompact } from '../../src/tokens/jws.ts'
import { isReceipt } from '../../src/tokens/kind.ts'
import { PAYMENT } from '../../src/tokens/payment.ts'
import { checkSignature } from '../../src/tokens/signature.ts'
import { createVerifiers } from '../../src/tokens/verify.ts'
import type { Zone } from '../../src/zone.ts'
import { hintFor } from './tokenhint.ts'

/** The verdict of a zone on a token. */
export interface TokenReport {
  readonly zone: string
  /** `taken`, or the reason of the refusal. `credential-expired`: all but the checks is as of when it was issued. */
  readonly outcome: 'taken' | Refusal['reason']
  readonly detail: string | undefined
  /** A guess at what was meant instead. */
  readonly hint: string | undefined
  /** False if the keys could not be had: nothing is known of the signature then. */
  readonly isSignatureChecked: boolean
  readonly checks: ExplainView['checks']
  /** The token's content as the configuration reads it; undefined if the token was not taken. */
  readonly proof: TokenProof | undefined
  /** True if another than the token's issuer says how the account stands. */
  readonly isSpokenFor: boolean
  readonly emptyPlaces: readonly EmptyPlace[]
  readonly routes: readonly RouteReport[]
}

export interface RouteReport {
  readonly route: string
  readonly opens: boolean
  readonly why: string
}

export interface TokenQuestion {
  readonly token: string
  /** The keys of a JWK Set, in place of every issuer's own. */
  readonly jwks?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** Returns true for a secret that is not set here, but stands for one that is. */
  readonly isStandIn?: (secret: string) => boolean
  readonly platform: Pick<Platform, 'clock' | 'fetch'>
}

/** Runs a token through each of the zones. */
export async function checkToken(sites: Iterable<Site>, question: TokenQuestion): Promise<readonly TokenReport[]> {
  const zones = new Map(Array.from(sites, (site) => [site.zone.id, site]))
  return Promise.all(Array.from(zones.values(), (site) => reportOf(site, question)))
}

interface Verified {
  readonly proof: Result<TokenProof, Refusal>
  readonly isSignatureChecked: boolean
}

async function reportOf(site: Site, question: TokenQuestion): Promise<TokenReport> {
  const zone = withKeys(site.zone, question.jwks)
  const exchange = capture(new Request(`https://${zone.hosts[0] ?? 'localhost'}/`), question.platform.clock())
  const { proof, isSignatureChecked } = await verified(zone, question, {
    now: exchange.now,
    waitUntil: () => undefined,
  })
  const untimely = proof.ok ? judgeLifetime(proof.value, exchange.now) : undefined
  const refused = proof.ok ? untimely : proof.error
  const view = viewOf(zone, exchange, question.token, refused, proof.ok ? proof.value : undefined)
  const asOf = refused?.reason === 'credential-expired' && proof.ok ? beginning(proof.value) : exchange.now
  const isReadable = proof.ok && (refused === undefined || asOf !== exchange.now)
  return {
    zone: zone.name,
    outcome: refused?.reason ?? 'taken',
    detail: refused?.detail,
    hint: refused === undefined ? undefined : hintFor(refused, claimsOf(question.token), zone),
    isSignatureChecked,
    checks: view.checks.filter(({ check }) => OF_THE_TOKEN.has(check)).map((each) => marked(each, isSignatureChecked)),
    proof: proof.ok ? proof.value : undefined,
    isSpokenFor: proof.ok && isSpokenFor(proof.value.issuer, zone.standing),
    emptyPlaces: view.emptyPlaces ?? [],
    routes: isReadable ? routesOf(site, proof.value, { ...exchange, now: asOf }) : [],
  }
}

/** Returns the first moment at which the token was good. */
function beginning({ notBefore, issuedAt }: TokenProof): number {
  return Math.ceil(Math.max(notBefore, issuedAt)) * 1000
}

/** Gives every issuer these keys, but those with a secret. */
function withKeys(zone: Zone, jwks: TokenQuestion['jwks']): Zone {
  if (jwks === undefined) return zone
  const issuers = zone.issuers.map((issuer) =>
    issuer.keys.kind === 'secret' ? issuer : { ...issuer, keys: { kind: 'inline' as const, keys: jwks } },
  )
  return { ...zone, issuers }
}

async function verified(zone: Zone, { token, platform, isStandIn }: TokenQuestion, call: Call): Promise<Verified> {
  const reader = isReceipt(token) ? PAYMENT : ENTITLEMENT
  const isUnset = zone.issuers.some(
    ({ issuer, keys }) =>
      issuer === claimsOf(token)?.['iss'] &&
      keys.kind === 'secret' &&
      isStandIn?.(new TextDecoder().decode(keys.bytes)) === true,
  )
  if (!isUnset) {
    const { verifyAs } = createVerifiers(
      createKeys(platform, () => undefined),
      undefined,
    )
    const proof =
      reader === PAYMENT ? await verifyAs(PAYMENT, token, zone, call) : await verifyAs(ENTITLEMENT, token, zone, call)
    if (proof.ok || proof.error.reason !== 'keys-unavailable') return { proof, isSignatureChecked: true }
  }
  return { proof: await unsigned(zone, token, call), isSignatureChecked: false }
}

/** Reads a token as if its signature were good. */
async function unsigned(zone: Zone, token: string, call: Call): Promise<Result<TokenProof, Refusal>> {
  const none = { generation: () => 0, find: () => ok({ keys: [], generation: 0 }) }
  const reader = isReceipt(token) ? PAYMENT : ENTITLEMENT
  const checked = await checkSignature(token, reader.kind, zone.issuers, none, call)
  if (!checked.ok) return checked
  const { payload, issuer } = checked.value
  const facts = { signedBy: undefined, accountHash: undefined }
  if (reader === PAYMENT) {
    const receipt = PAYMENT.read(payload, issuer)
    return receipt.ok ? ok({ ...receipt.value, ...facts }) : receipt
  }
  const entitlement = ENTITLEMENT.read(payload, issuer)
  return entitlement.ok ? ok({ ...entitlement.value, ...facts }) : entitlement
}

const OF_THE_TOKEN: ReadonlySet<Check> = new Set<Check>([
  ...CREDENTIAL_CHECKS.filter((check) => check !== 'presented' && check !== 'transport'),
  'time',
])

type CheckView = ExplainView['checks'][number]

function marked(each: CheckView, isSignatureChecked: boolean): CheckView {
  const isUnknown =
    !isSignatureChecked && (each.check === 'key' || each.check === 'signature') && each.outcome === 'pass'
  return isUnknown ? { ...each, outcome: 'skipped', detail: 'not checked: there are no keys to check it with' } : each
}

const ANY_OFFER = {
  entitlements: [],
  price: undefined,
  onSale: true,
  title: undefined,
  description: undefined,
  resource: '/',
}

/** Describes the checks of the token alone, on a route that asks for nothing more. */
function viewOf(
  zone: Zone,
  exchange: Captured,
  token: string,
  refused: Refusal | undefined,
  proof: TokenProof | undefined,
): ExplainView {
  const terms = { kind: 'paid', offer: ANY_OFFER, metering: DEFAULT_METERING, observedUntilMs: undefined } as const
  const route: Route = { ...zone.routes.unmatched, terms }
  const decision: Decision =
    refused === undefined
      ? { action: 'serve', proof, cost: undefined }
      : { action: 'refuse', refusal: refused, proof: undefined }
  const jws = readCompact(token)
  const kind = isReceipt(token) ? 'payment' : 'entitlement'
  const credentials = jws.ok
    ? [{ kind, field: 'Authorization', header: jws.value.header, claims: jws.value.payload } as const]
    : []
  return describeDecision({ exchange, zone, route, decision, credentials })
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const jws = readCompact(token)
  return jws.ok ? jws.value.payload : undefined
}

function routesOf({ zone: { routes }, rails }: Site, proof: TokenProof, exchange: Captured): RouteReport[] {
  const kind = proof.kind === 'receipt' ? 'payment' : 'entitlement'
  if (!rails.some(({ kinds }) => kinds.includes(kind)))
    return [{ route: '/*', opens: false, why: `no rail of this site takes tokens of this kind (${kind})` }]
  const presented: Presented =
    proof.kind === 'receipt'
      ? [{ role: 'payment', rail: 'receipt', proof: ok(proof) }]
      : [{ role: 'entitlement', rail: 'bearer', proof: ok(proof) }]
  const named = routes.entries.map(({ route }) => routeReport(routeName(route), route, presented, exchange))
  return [...named, routeReport('anything else', routes.unmatched, presented, exchange)]
}

function routeReport(name: string, route: Route, presented: Presented, exchange: Captured): RouteReport {
  const { terms, methods = ['GET'] } = route
  const methodText = route.methods === undefined ? '' : ` (${methods.join(', ')})`
  const target = readTarget(route.path.replaceAll('*', 'x'), '')
  if (!target.ok) return { route: `${name}${methodText}`, opens: false, why: target.error.detail }
  const asked = { ...exchange, method: methods[0] ?? 'GET', target: target.value }
  const decision = decide(terms, presented, asked)
  return { route: `${name}${methodText}`, ...verdictOf(decision, terms.kind) }
}

function verdictOf(decision: Decision, kind: Route['terms']['kind']): Pick<RouteReport, 'opens' | 'why'> {
  if (decision.action !== 'serve') {
    const { reason, detail } = decision.refusal
    return { opens: false, why: kind === 'closed' ? 'closed to everyone' : `${reason}: ${detail}` }
  }
  if (kind === 'free') return { opens: true, why: 'free to everyone' }
  const { cost } = decision
  if (cost === undefined || !takes(cost)) return { opens: true, why: 'it costs nothing' }
  if (cost.from !== 'account') return { opens: true, why: 'it is paid for, if it was not used before' }
  return {
    opens: true,
    why: cost.price === undefined ? 'it counts against a quota' : 'it is paid from the account’s credit',
  }
}

/** Reads a token from the text of a file: alone, or after `Bearer`. Error: what is wrong with it. */
export function tokenIn(text: string): Result<string, string> {
  const token = text.trim().replace(/^(?:Authorization:\s*)?Bearer\s+/i, '')
  if (token === '') return err('the file is empty')
  return /\s/.test(token) ? err('the file holds more than one token: expected the token alone') : ok(token)
}

/** Reads the keys of a JWK Set, or of one JWK. Error: what is wrong with it. */
export function keysIn(text: string): Result<readonly Readonly<Record<string, unknown>>[], string> {
  try {
    const value: unknown = JSON.parse(text)
    const keys: readonly unknown[] = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value]
    const all = keys.filter(isObject)
    if (all.length > 0 && all.length === keys.length && all.every((key) => 'kty' in key)) return ok(all)
  } catch {
    return err('the file is not JSON')
  }
  return err('the file is no JWK Set: expected {"keys": […]}')
}
