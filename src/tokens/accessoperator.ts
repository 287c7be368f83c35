/**
 * Reads an application token of Cloudflare Access as that of an operator.
 *
 * Such a token says who somebody is and never what they may do here, and readers may have tokens of the same team. So an
 * operator is somebody whom the configuration lists, by a token of an application that is the operators' alone.
 */
import type { AccessOperators, Issuer } from '../access/issuer.ts'
import { type ClaimPath, claimAt } from '../access/claims.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import { invalid, isOnlyAudience, readLifetime, refuseBound, refuseListed } from './claims.ts'
import type { JsonObject } from './jws.ts'
import type { Operator } from './operator.ts'

/** Reads the claims of a token whose signature is good. Error: `credential-invalid`. */
export function readAccessOperator(
  payload: JsonObject,
  issuer: Issuer,
  { scopes, groups }: AccessOperators,
): Result<Operator, Refusal> {
  const lifetime = readLifetime(payload, issuer)
  if (!lifetime.ok) return lifetime
  // The session of the whole team is "org": whoever of the team has it.
  if (payload['type'] !== 'app') return invalid('The token is not one of an application ("type").')
  if (!isOnlyAudience(payload['aud'], issuer.audience))
    return invalid('The token is for more than the application of the operators ("aud").', 'audience')
  if ('events' in payload) return invalid('The token is an event ("events").')
  const unchecked = refuseBound(payload) ?? refuseListed(payload)
  if (unchecked !== undefined) return unchecked
  const bearer = bearerOf(payload, groups)
  const given = bearer?.names.flatMap((name) => scopes.get(name) ?? []) ?? []
  if (bearer === undefined || given.length === 0)
    return invalid('The token is genuine, but its bearer is none of the operators that are listed here.')
  return ok({ issuer: issuer.issuer, subject: bearer.subject, scopes: [...new Set(given)], ...lifetime.value })
}

interface AccessBearer {
  /** For the audit. */
  readonly subject: string
  /** What the configuration may list it by. */
  readonly names: readonly string[]
}

/** Returns who bears the token: a person, or a program with a service token, whose `sub` is empty. */
function bearerOf(payload: JsonObject, groups: ClaimPath): AccessBearer | undefined {
  const { sub, email, common_name: program } = payload
  if (sub === '' || sub === undefined) {
    const isProgram = typeof program === 'string' && program !== '' && email === undefined
    return isProgram ? { subject: `service:${program}`, names: [`service:${program}`] } : undefined
  }
  if (typeof sub !== 'string') return undefined
  const named = typeof email === 'string' && ADDRESS.test(email) ? [email] : []
  const listed: readonly unknown[] = [claimAt(payload, groups)].flat()
  const ofGroups = listed.flatMap((group) => (typeof group === 'string' && group !== '' ? [`group:${group}`] : []))
  return { subject: sub, names: [...named, ...ofGroups] }
}

/** An address that is no name of a group or program. */
const ADDRESS = /^(?!group:|service:)[^\s@]+@[^\s@]+$/
