import { parseArgs } from 'node:util'
import { durationSeconds, joinNegative, listOf, UsageError } from './command.ts'
import { limitClaim, paymentClaims } from './payment.ts'
import { entitlementClaims, type Json, operatorClaims, signToken, withoutNulls, zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { defaultBillingUrl, runningBillingUrl } from './state.ts'
import { placeOf, statusListUri } from './status.ts'

const usage = `Prints one token, signed with the demo billing backend's key: an entitlement, a receipt, or an operator's.

Usage: npm run -s token -- [options]

  --sub <account>          the account (default: account-demo; of an operator none)
  --entitlements <a,b>     what it may use, separated by commas (default: premium)
  --plan <name>            the plan's display name
  --limit <limit>          what the account may use: requests=100/3600, that is so many in so many seconds, or in a
                           day or month: reports=5/P1D, reports=50/P1M; :sliding after it; may come more than once
  --payment                a receipt instead; without --sub it names no payer
  --amount <decimal>       of a receipt: what was paid for all of it (default: 0.25, the price of one report)
  --currency <code>        of a receipt (default: USD)
  --resource <path>        of a receipt: what it opens (default: /reports/*)
  --methods <A,B>          of a receipt: what it pays for (default: GET,HEAD)
  --uses <number>          of a receipt: for how many requests (default: 1)
  --pass <duration>        of a receipt, in place of --uses: free passage for so long after the first request
  --status <number>        its place in the demo's status list, which can revoke it; not of an operator's token
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
  entitlements: { type: 'string' },
  plan: { type: 'string' },
  limit: { type: 'string', multiple: true },
  payment: { type: 'boolean', default: false },
  amount: { type: 'string' },
  currency: { type: 'string' },
  resource: { type: 'string' },
  methods: { type: 'string' },
  uses: { type: 'string' },
  pass: { type: 'string' },
  status: { type: 'string' },
  operator: { type: 'boolean', default: false },
  scope: { type: 'string' },
  'expires-in': { type: 'string', default: '1h' },
  audience: { type: 'string', default: zoneAudience },
  issuer: { type: 'string' },
  claims: { type: 'string', default: '{}' },
  header: { type: 'string', default: '{}' },
  help: { type: 'boolean', default: false },
} as const

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

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinNegative(args, ['--expires-in']), options }).values
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
    ...lifetime(now, durationSeconds('--expires-in', values['expires-in'])),
  }
  const { claims, typ } = made(values, grant)
  const changed = withoutNulls({ ...claims, ...jsonObject('--claims', values.claims) })
  return signToken(await signingKey(), changed, { typ, ...jsonObject('--header', values.header) })
}

type Asked = ReturnType<typeof parse>
type Terms = { issuer: string; audience: string; issuedAt: number; expires: number }

/** Which kind of token each of these options is for; what it does not belong to has no use for it. */
const OWN_OPTIONS = {
  entitlement: ['entitlements', 'plan', 'limit'],
  payment: ['amount', 'currency', 'resource', 'methods', 'uses', 'pass'],
  operator: ['scope'],
} as const

function made(asked: Asked, terms: Terms): { claims: Json; typ: string } {
  const kind = asked.payment ? 'payment' : asked.operator ? 'operator' : 'entitlement'
  if (asked.payment && asked.operator) throw new UsageError('--payment: not with --operator')
  for (const [owner, names] of Object.entries(OWN_OPTIONS)) {
    const strange = names.find((name) => owner !== kind && asked[name] !== undefined)
    if (strange !== undefined) throw new UsageError(`--${strange}: not for this token; ${HINTS[owner]}`)
  }
  if (asked.operator && asked.status !== undefined) throw new UsageError('--status: not with --operator')
  const make = { entitlement: entitlementOf, payment: paymentOf, operator: operatorOf }[kind]
  return { claims: { ...make(asked, terms), ...statusOf(asked, terms) }, typ: `${kind}+jwt` }
}

function statusOf({ status }: Asked, { issuer }: Terms): Json {
  if (status === undefined) return {}
  const idx = placeOf(status)
  if (idx === undefined) throw new UsageError(`--status: expected a whole number below 65536, not "${status}"`)
  return { status: { status_list: { idx, uri: statusListUri(issuer) } } }
}

const HINTS: Readonly<Record<string, string>> = {
  entitlement: 'leave out --payment and --operator',
  payment: 'add --payment',
  operator: 'only an operator token has one; add --operator',
}

function entitlementOf(
  { sub: account = 'account-demo', entitlements = 'premium', plan, limit = [] }: Asked,
  terms: Terms,
): Json {
  const names = listOf(entitlements)
  const limits = limit.map((text) => {
    const claim = limitClaim(text)
    if (claim === undefined) throw new UsageError(`--limit: expected requests=100/3600 or reports=5/P1M, not "${text}"`)
    return claim
  })
  const claims = entitlementClaims({ ...terms, account, entitlements: names, plan })
  return limits.length === 0 ? claims : { ...claims, limits }
}

function paymentOf(asked: Asked, terms: Terms): Json {
  const { sub: payer, amount = '0.25', currency = 'USD', resource = '/reports/*', methods, uses, pass } = asked
  if (uses !== undefined && pass !== undefined) throw new UsageError('--pass: not with --uses')
  if (uses !== undefined && !/^\d+$/.test(uses)) throw new UsageError(`--uses: expected a whole number, not "${uses}"`)
  const grant =
    pass !== undefined ? { pass: durationSeconds('--pass', pass) } : uses === undefined ? {} : { uses: Number(uses) }
  const named = methods === undefined ? undefined : listOf(methods)
  return paymentClaims({ ...terms, payer, amount, currency, resource, methods: named, grant })
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
