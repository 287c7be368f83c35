import { parseArgs } from 'node:util'
import { entitlementClaims, type Json, operatorClaims, signToken, withoutNulls, zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { defaultBillingUrl, runningBillingUrl } from './state.ts'

const usage = `Prints one token, signed with the demo billing backend's key: an entitlement, or an operator's.

Usage: npm run -s token -- [options]

  --sub <account>          the account (default: account-demo; of an operator none)
  --entitlements <a,b>     what it may use, separated by commas (default: premium)
  --plan <name>            the plan's display name
  --operator               an operator token instead: it opens nothing, and does what its scope says
  --scope <a b>            of an operator token (default: purge)
  --expires-in <duration>  30s, 15m, 1h or 1d; a negative one makes an expired token (default: 1h)
  --audience <url>         the zone (default: ${zoneAudience})
  --issuer <url>           the billing backend (default: the one that "npm start" runs now,
                           else ${defaultBillingUrl})
  --claims <json>          claims to add or replace; null removes one: --claims '{"standing":"past-due","jti":null}'
  --header <json>          the same for the protected header: --header '{"typ":"payment+jwt"}'
  --help                   this text
`

const options = {
  sub: { type: 'string' },
  entitlements: { type: 'string', default: 'premium' },
  plan: { type: 'string' },
  operator: { type: 'boolean', default: false },
  scope: { type: 'string' },
  'expires-in': { type: 'string', default: '1h' },
  audience: { type: 'string', default: zoneAudience },
  issuer: { type: 'string' },
  claims: { type: 'string', default: '{}' },
  header: { type: 'string', default: '{}' },
  help: { type: 'boolean', default: false },
} as const

/** A mistake in the command line: worth one line, not a stack. */
class UsageError extends Error {}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

function durationSeconds(text: string): number {
  const [, amount, unit = ''] = /^([+-]?\d+)([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * (unitSeconds[unit] ?? Number.NaN)
  if (!Number.isSafeInteger(seconds)) throw new UsageError(`--expires-in: expected 30s, 15m, 1h or -1h, not "${text}"`)
  return seconds
}

function jsonObject(option: string, text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told below, in the words of the command line.
  }
  throw new UsageError(`${option}: expected a JSON object, not ${text}`)
}

/** An expired token is otherwise in order: issued an hour before it expired, and not in the future. */
function lifetime(now: number, seconds: number): { issuedAt: number; expires: number } {
  const expires = now + seconds
  return { expires, issuedAt: seconds > 0 ? now : expires - 3600 }
}

/** `parseArgs` takes `-1h` for options, so a negative duration is joined to its name. */
function joinNegative(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    if (joined.at(-1) === '--expires-in' && /^-\d/.test(arg)) joined.splice(-1, 1, `--expires-in=${arg}`)
    else joined.push(arg)
  }
  return joined
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinNegative(args), options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The token that these arguments ask for, or the usage text. `now` is in seconds. */
export async function token(args: readonly string[], now: number): Promise<string> {
  const values = parse(args)
  if (values.help) return usage.trimEnd()
  const grant = {
    issuer: values.issuer ?? (await runningBillingUrl()) ?? defaultBillingUrl,
    audience: values.audience,
    ...lifetime(now, durationSeconds(values['expires-in'])),
  }
  const claims = values.operator ? operatorOf(values, grant) : entitlementOf(values, grant)
  const changed = withoutNulls({ ...claims, ...jsonObject('--claims', values.claims) })
  const header = { ...(values.operator ? { typ: 'operator+jwt' } : {}), ...jsonObject('--header', values.header) }
  return signToken(await signingKey(), changed, header)
}

type Asked = ReturnType<typeof parse>
type Terms = { issuer: string; audience: string; issuedAt: number; expires: number }

function entitlementOf({ sub: account = 'account-demo', entitlements, plan, scope }: Asked, terms: Terms): Json {
  if (scope !== undefined) throw new UsageError('--scope: only an operator token has one; add --operator')
  const names = entitlements.split(',').filter((name) => name !== '')
  return entitlementClaims({ ...terms, account, entitlements: names, plan })
}

function operatorOf({ sub: subject, scope = 'purge' }: Asked, terms: Terms): Json {
  return operatorClaims({ ...terms, subject, scope })
}

if (import.meta.main) {
  try {
    console.log(await token(process.argv.slice(2), Math.floor(Date.now() / 1000)))
  } catch (error) {
    console.error(`token: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
