/**
 * Compiles the issuers and operators of a zone: whose tokens are taken, which kinds, and where their keys are.
 */
import {
  DEFAULT_ALGORITHMS,
  type Issuer,
  type KeySource,
  mediaSubtype,
  type StatusListPolicy,
  TOKEN_TYPES,
} from '../access/issuer.ts'
import { OWN_MAPPING } from '../access/ownclaims.ts'
import { compileMapping } from './mapping.ts'
import { compileAccess } from './accessoptions.ts'
import type { CheckedIssuer, CheckedOperator } from './schema.ts'

/**
 * Compiles an issuer. An issuer with types of its own signs no receipts: the issuer does not expect tokens to count as
 * receipts.
 */
export function compileIssuer(
  options: CheckedIssuer,
  audience: string,
  secrets: ReadonlyMap<string, string>,
  takesReceipts: boolean,
): Issuer {
  const given = options.types?.entitlement
  const isForeign = Array.isArray(given) || options.types?.absent === true
  const types = given ?? (isForeign ? [] : [TOKEN_TYPES.entitlement])
  const payment = takesReceipts && !isForeign ? { payment: [TOKEN_TYPES.payment] } : {}
  const event = isForeign ? {} : { event: [TOKEN_TYPES.event] }
  const statusLists = options.statusLists && compileStatusLists(options.statusLists)
  return {
    ...compileSigner(options, audience, secrets),
    types: {
      ...(types !== false && { entitlement: types.map(mediaSubtype) }),
      ...payment,
      ...event,
      ...(statusLists === undefined ? {} : { statuslist: [TOKEN_TYPES.statuslist] }),
    },
    ...(statusLists === undefined ? {} : { statusLists }),
    ...(options.speaksFor && { speaksFor: options.speaksFor }),
    allowsAbsentType: options.types?.absent ?? false,
    claims: compileMapping({ ...options, readsStatus: statusLists !== undefined, isForeign }),
  }
}

/** The longest time between two fetches of a list that fail. */
const LIST_COOLDOWN_MS = 30_000

function compileStatusLists(options: NonNullable<CheckedIssuer['statusLists']>): StatusListPolicy {
  const { allow, maxStaleSeconds, timeoutSeconds } = options
  return { allow, staleMs: maxStaleSeconds * 1000, cooldownMs: LIST_COOLDOWN_MS, timeoutMs: timeoutSeconds * 1000 }
}

/** Compiles an issuer of operators' tokens. */
export function compileOperator(
  options: CheckedOperator,
  audience: string,
  secrets: ReadonlyMap<string, string>,
): Issuer {
  const { access } = options
  const common = { ...compileSigner(options, audience, secrets), claims: OWN_MAPPING }
  if (access === undefined) return { ...common, types: { operator: [TOKEN_TYPES.operator] }, allowsAbsentType: false }
  return { ...common, types: { operator: ['jwt'] }, allowsAbsentType: true, access: compileAccess(access) }
}

function compileSigner(
  options: CheckedOperator,
  audience: string,
  secrets: ReadonlyMap<string, string>,
): Omit<Issuer, 'types' | 'allowsAbsentType' | 'claims'> {
  return {
    issuer: options.issuer,
    audience: options.audience ?? audience,
    algorithms: options.algorithms ?? (options.secret === undefined ? DEFAULT_ALGORITHMS : ['HS256']),
    keys: compileKeys(options, secrets),
    clockToleranceSeconds: options.clockToleranceSeconds,
    maxLifetimeSeconds: options.maxLifetimeSeconds,
  }
}

function compileKeys({ jwks, keys, secret }: CheckedOperator, secrets: ReadonlyMap<string, string>): KeySource {
  if (jwks !== undefined) {
    const { url, refreshSeconds, staleSeconds, cooldownSeconds, timeoutSeconds } = jwks
    const policy = {
      refreshMs: refreshSeconds * 1000,
      staleMs: staleSeconds * 1000,
      cooldownMs: cooldownSeconds * 1000,
      timeoutMs: timeoutSeconds * 1000,
    }
    return { kind: 'url', url, policy }
  }
  if (secret !== undefined) return { kind: 'secret', bytes: new TextEncoder().encode(secrets.get(secret)) }
  return { kind: 'inline', keys: keys ?? [] }
}
