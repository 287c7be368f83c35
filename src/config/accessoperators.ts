import type { AccessOperatorOptions } from './accessoptions.ts'
import type { OperatorOptions } from './signers.ts'

/** The options beside the preset: those of an issuer of operators, except its identity. */
export type AccessPresetOptions = AccessOperatorOptions &
  Partial<Omit<OperatorOptions, 'issuer' | 'audience' | 'secret' | 'access'>>

/**
 * Cloudflare Access as the login of operators: an application of its own before the [dashboard](dashboard.md)'s host. `team` is
 * the name before `.cloudflareaccess.com`; `audience` is the application's tag, and must be no reader's.
 *
 * @example
 * ```ts zone
 * operators: [
 *   cloudflareAccessOperators({
 *     team: 'example',
 *     audience: '32eafc7626e974616deaf0dc3ce63d7b',
 *     scopes: { 'ops@example.com': ['view', 'hold'], 'group:support': ['view'] },
 *   }),
 * ]
 * ```
 */
export function cloudflareAccessOperators({
  team,
  audience,
  scopes,
  groups,
  keys,
  ...more
}: AccessPresetOptions & { team: string; audience: string }): OperatorOptions {
  const issuer = `https://${team}.cloudflareaccess.com`
  return {
    issuer,
    audience,
    ...(keys === undefined ? { jwks: { url: `${issuer}/cdn-cgi/access/certs` } } : { keys }),
    algorithms: ['RS256'],
    maxLifetimeSeconds: SESSION_SECONDS,
    ...more,
    access: { scopes, ...(groups !== undefined && { groups }) },
  }
}

/** The session of an application, unless Access is told otherwise. */
const SESSION_SECONDS = 86_400
