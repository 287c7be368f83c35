import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { durationSeconds, endpointAt, joinNegative, listOf, memberOf, messageOf, post, UsageError } from './command.ts'
import { type Json, signToken, zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { defaultBillingUrl, gateUrl, runningBillingUrl } from './state.ts'

const usage = `Tells a gate what happened to an account or a token, as the demo's billing backend: signs an event and posts it.

Usage: npm run -s event -- [options]

  --sub <account>            whose (needed for all but --revoke-jti)
  --standing <standing>      the account is active, past-due, inactive or on-hold now
  --entitlements <a,b>       what it may use now, separated by commas; '' for nothing
  --revoke-jti <id>          this token is revoked; may come more than once
  --revoke-before <when>     and these: all that were issued by now, -1h, or so many seconds since 1970
  --grant <amount currency>  prepaid credit: '5 USD'
  --hold, --lift             a hold on the account is placed, or lifted
  --toe <when>               when it was so (default: now): -3d, or seconds since 1970
  --id <id>                  the event's "jti" (default: a new one); the same event again changes nothing
  --url <url>                the site (default: the one that "npm start" runs now, else http://localhost:8787)
  --audience <url>           the zone (default: ${zoneAudience})
  --issuer <url>             the billing backend (default: the one that "npm start" runs now,
                             else ${defaultBillingUrl})
  --dry-run                  prints the event, and posts nothing
  --help                     this text
`

const options = {
  sub: { type: 'string' },
  standing: { type: 'string' },
  entitlements: { type: 'string' },
  'revoke-jti': { type: 'string', multiple: true },
  'revoke-before': { type: 'string' },
  grant: { type: 'string' },
  hold: { type: 'boolean', default: false },
  lift: { type: 'boolean', default: false },
  toe: { type: 'string', default: 'now' },
  id: { type: 'string' },
  url: { type: 'string' },
  audience: { type: 'string', default: zoneAudience },
  issuer: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: joinNegative(args, ['--toe', '--revoke-before']), options }).values
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

type Asked = ReturnType<typeof parse>

/** `now`, seconds since 1970, or a duration from now. */
function when(option: string, text: string, now: number): number {
  if (text === 'now') return now
  return /^\d+$/.test(text) ? Number(text) : Math.floor(now) + durationSeconds(option, text)
}

/** One thing that an event tells: its type, its payload, and what it comes to in words. */
type Told = { readonly type: string; readonly payload: Json; readonly words: string }

const ofType = (name: string): string => `urn:faregate:event:${name}`

function tell(asked: Asked, now: number): Told[] {
  const { standing, entitlements, grant, hold, lift } = asked
  const told: Told[] = []
  const add = (name: string, payload: Json, words: string): unknown => told.push({ type: ofType(name), payload, words })
  if (standing !== undefined) add('standing-changed', { standing }, `is ${standing}`)
  if (entitlements !== undefined) {
    const names = listOf(entitlements)
    add('entitlements-changed', { entitlements: names }, `may use ${names.join(', ') || 'nothing'}`)
  }
  const revoked = revokedOf(asked, now)
  if (revoked !== undefined) add('tokens-revoked', ...revoked)
  if (grant !== undefined) {
    const [, amount = '', currency = ''] = /^(\S+) +([A-Z]{3})$/.exec(grant) ?? []
    if (amount === '') throw new UsageError(`--grant: expected '5 USD', not "${grant}"`)
    add('credit-granted', { amount, currency }, `has ${amount} ${currency} more`)
  }
  if (hold && lift) throw new UsageError('--lift: not with --hold')
  if (hold) add('hold-placed', {}, 'is held')
  if (lift) add('hold-lifted', {}, 'is no longer held')
  return told
}

function revokedOf(asked: Asked, now: number): [Json, string] | undefined {
  const { 'revoke-jti': ids, 'revoke-before': before } = asked
  if (ids !== undefined && before !== undefined) throw new UsageError('--revoke-before: not with --revoke-jti')
  if (ids !== undefined) return [{ jtis: ids }, `has lost the token ${ids.join(', ')}`]
  if (before === undefined) return undefined
  const seconds = Math.floor(when('--revoke-before', before, now))
  return [{ before: seconds }, `has lost the tokens of ${new Date(seconds * 1000).toISOString()} and before`]
}

/** The event that these arguments ask for, signed, and what it tells in words. `now` is in seconds. */
async function eventOf(asked: Asked, now: number): Promise<{ token: string; words: string }> {
  const told = tell(asked, now)
  if (told.length === 0) throw new UsageError('say what happened: --standing, --hold, --grant and others; see --help')
  const { sub, audience, 'revoke-jti': ids } = asked
  if (sub === undefined && (ids === undefined || told.length > 1))
    throw new UsageError('--sub: say whose account it is')
  const claims = {
    iss: asked.issuer ?? (await runningBillingUrl()) ?? defaultBillingUrl,
    aud: audience,
    iat: Math.floor(now),
    jti: asked.id ?? randomUUID(),
    toe: when('--toe', asked.toe, now),
    ...(sub === undefined ? {} : { sub_id: { format: 'opaque', id: sub } }),
    events: Object.fromEntries(told.map(({ type, payload }) => [type, payload])),
  }
  const token = signToken(await signingKey(), claims, { typ: 'secevent+jwt' })
  return { token, words: `${sub ?? 'its account'} ${told.map(({ words }) => words).join(', ')}` }
}

/** What the gate has taken, in a line. Throws with the gate's words when it has not. */
export async function event(args: readonly string[], now: number): Promise<string> {
  const asked = parse(args)
  if (asked.help) return usage.trimEnd()
  const url = endpointAt(asked.url ?? (await gateUrl()), '/__faregate/events')
  const { token, words } = await eventOf(asked, now)
  if (asked['dry-run']) return token
  const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' }
  const response = await post(url, headers, token)
  const text = await response.text()
  if (response.status === 202) return `202: ${words}`
  const [code, description] = [memberOf(text, 'err'), memberOf(text, 'description') ?? memberOf(text, 'detail')]
  const said = [code, description].filter((part) => part !== undefined).join(': ')
  throw new Error(`${response.status}: ${said === '' ? `${url.href} is not a gate that takes events` : said}`)
}

if (import.meta.main) {
  try {
    console.log(await event(process.argv.slice(2), Date.now() / 1000))
  } catch (error) {
    console.error(`event: ${messageOf(error)}`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
