/**
 * Operators whom Cloudflare Access signs in: who they are by its tokens, and what they may do by the configuration.
 */
import * as v from 'valibot'
import type { AccessOperators } from '../access/issuer.ts'
import { compileClaimPath } from '../access/claims.ts'
import type { Fault } from './rules/fault.ts'
import { text } from './rules/values.ts'
import { listAt, memberAt, textAt } from './unchecked.ts'

/** The operators among those whom an application of Cloudflare Access lets in. */
export interface AccessOperatorOptions {
  /**
   * The scopes of each operator: a person by the `email`, exactly as Access writes it, everybody of a group by `group:` and its
   * name, and a program by `service:` and the client id of its service token. Who is not listed is no operator.
   */
  scopes: Record<string, string[]>
  /** The claim with the groups of a person. Access has to be told to send it. Default: `custom.groups`. */
  groups?: string
}

const SCOPE = v.pipe(v.string(), v.regex(/^[!#-[\]-~]+$/, 'expected a scope such as "view"'))
const NAME = 'expected an address, or "group:" or "service:" and a name'

/** The schema of `access`. */
export const accessSchema = v.strictObject({
  scopes: v.pipe(
    v.record(
      v.pipe(v.string(), v.regex(/^(?:(?:group|service):.+|(?!group:|service:)[^\s@]+@[^\s@]+)$/, NAME)),
      v.pipe(v.array(SCOPE), v.minLength(1, 'expected at least one')),
    ),
    v.check((scopes) => Object.keys(scopes).length > 0, 'expected at least one: who is not listed is no operator'),
  ),
  groups: v.optional(text, 'custom.groups'),
})

/** Compiles the operators of an application. */
export function compileAccess({ scopes, groups }: v.InferOutput<typeof accessSchema>): AccessOperators {
  return { scopes: new Map(Object.entries(scopes)), groups: compileClaimPath(groups) }
}

/**
 * Returns the faults of applications that readers have tokens of: any of them would only have to be listed. The options may have
 * another shape than expected: malformed parts are skipped.
 */
export function accessFaults(options: unknown): Fault[] {
  const zones = listAt(options, 'zones')
  const readers = new Map<string | undefined, string>()
  for (const [index, zone] of zones.entries()) {
    readers.set(textAt(zone, 'audience'), `zones[${index}].audience`)
    for (const [at, issuer] of listAt(zone, 'issuers').entries())
      readers.set(textAt(issuer, 'audience'), `zones[${index}].issuers[${at}].audience`)
  }
  return zones.flatMap((zone, index) =>
    listAt(zone, 'operators').flatMap((operator, at) => {
      if (memberAt(operator, 'access') === undefined) return []
      const audience = textAt(operator, 'audience')
      const of = audience === undefined ? 'that of the zone, which it is by default' : readers.get(audience)
      const message = `expected that of an application that is the operators' alone, and not ${of ?? ''}`
      return of === undefined ? [] : [{ path: `zones[${index}].operators[${at}].audience`, message }]
    }),
  )
}
