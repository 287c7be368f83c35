import { DEFAULT_ALGORITHMS, type Issuer, TOKEN_TYPES, type TokenKind } from '../access/issuer.ts'
import { OWN_MAPPING } from '../access/ownclaims.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import { readEvent } from '../standing/eventtoken.ts'
import { readEntitlement } from '../tokens/entitlement.ts'
import { isObject, type JsonObject } from '../tokens/jws.ts'
import { readOperator } from '../tokens/operator.ts'
import { readPayment } from '../tokens/payment.ts'
import { isName, withoutNulls } from '../tokens/claims.ts'
import { readPublishedList } from '../tokens/statuslisttoken.ts'

/**
 * Judges claims before they are signed, by the readers of the gate itself: what the gate would refuse is not signed. The
 * gate's configuration is not known here. It is taken to have its defaults, and to allow what the issuer says of itself.
 */

/** What an issuer says of itself, as the gate's configuration says it. */
export interface IssuerFacts {
  readonly issuer: string
  readonly maxLifetimeSeconds: number
  readonly speaksFor: readonly string[]
}

/** Returns the entry that a gate with its defaults has for the issuer. `uri`: the status list that the gate allows. */
function entryOf({ issuer, maxLifetimeSeconds }: IssuerFacts, audience: string, uri?: string): Issuer {
  const types = Object.fromEntries(Object.entries(TOKEN_TYPES).map(([kind, typ]) => [kind, [typ]]))
  return {
    issuer,
    audience,
    algorithms: DEFAULT_ALGORITHMS,
    keys: { kind: 'inline', keys: [] },
    types,
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 0,
    maxLifetimeSeconds,
    statusLists: { allow: uri === undefined ? [] : [uri], staleMs: 0, cooldownMs: 0, timeoutMs: 0 },
  }
}

/**
 * Returns why the gate would refuse these claims, or undefined. `payload`: as the gate would parse it. `now` is in
 * milliseconds.
 */
export async function claimsFault(
  kind: TokenKind,
  payload: JsonObject,
  facts: IssuerFacts,
  now: number,
): Promise<string | undefined> {
  const claims = withoutNulls(payload)
  if (kind === 'statuslist') return listFault(claims, facts, now)
  const audiences: readonly unknown[] = Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']]
  if (audiences.length === 0 || !audiences.every(isName)) return 'The audience ("aud") is not the name of a site.'
  const read = readAs(kind, claims, facts, now, audiences[0] ?? '')
  return read.ok ? undefined : read.error.detail
}

function readAs(
  kind: Exclude<TokenKind, 'statuslist'>,
  claims: JsonObject,
  facts: IssuerFacts,
  now: number,
  audience: string,
): Result<unknown, Pick<Refusal, 'detail'>> {
  const entry = entryOf(facts, audience, listOf(claims))
  switch (kind) {
    case 'entitlement':
      return readEntitlement(claims, entry)
    case 'payment':
      return readPayment(claims, entry)
    case 'operator':
      return readOperator(claims, entry)
    case 'event':
      return readEvent(claims, { ...entry, speaksFor: facts.speaksFor }, now, speakers(entry, facts.speaksFor))
  }
}

/** Returns the URI of the list that a token names, if it is one that a gate could allow. */
function listOf({ status }: JsonObject): string | undefined {
  const place = isObject(status) ? status['status_list'] : undefined
  const uri = isObject(place) ? place['uri'] : undefined
  return isUri(uri) ? uri : undefined
}

function isUri(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).href === value
}

/** Returns the entries of the issuers whose accounts an event may be about. */
function speakers(entry: Issuer, others: readonly string[]): readonly Issuer[] {
  return [entry, ...others.map((issuer) => ({ ...entry, issuer }))]
}

async function listFault(claims: JsonObject, facts: IssuerFacts, now: number): Promise<string | undefined> {
  const uri = claims['sub']
  if (!isUri(uri)) return 'The "sub" of the status list is not its URI.'
  const read = await readPublishedList(claims, entryOf(facts, ''), uri, now)
  return read.ok ? undefined : read.error
}
