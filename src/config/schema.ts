import * as v from 'valibot'
import { isTimeZone } from '../core/timezone.ts'
import { metersOf, serversOf } from './meters.ts'
import type { Rail } from '../rails/rail.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import type { Bindings } from './rules/bindings.ts'
import { ledgerSchema, ledgersSchema } from './ledger.ts'
import { originSchema } from './origin.ts'
import { quotas } from './quotas.ts'
import { logSchema } from './log.ts'
import { secretsSchema } from './secrets.ts'
import { issuerSchema, operatorSchema } from './signerschema.ts'
import { standing } from './standing.ts'
import type { UsageSink } from '../usage/sink.ts'
import { hostName, isSafeUrl, seconds, text } from './rules/values.ts'
import { ratesSchema } from './rates.ts'
import { allowedField, confirmation, routeSchema, termsSchema } from './terms.ts'
import { type EndpointFactory, isEndpointName } from '../endpoints/endpoint.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import type { LoginPlugin } from '../endpoints/loginplugin.ts'
import type { DiscoveryDocument } from '../discovery/plugin.ts'
import type { ExemptionPlugin } from '../exemptions/exemption.ts'
import { loginsOf } from './logins.ts'
import { offersSchema } from './offers.ts'
import { pagesSchema } from './pages.ts'
import { previewSchema } from './preview.ts'

/** A URL with placeholders, each at most once. */
function linkWith(...placeholders: readonly string[]) {
  const bare = (value: string): string => placeholders.reduce((left, one) => left.replace(one, ''), value)
  const named = placeholders.join(' and one ')
  return v.pipe(
    text,
    v.check(
      (value) => /^(https?:\/\/|mailto:)/.test(value) && URL.parse(bare(value)) !== null,
      'expected an http, https or mailto URL',
    ),
    v.check((value) => !/[\s"<>\\]/.test(value), 'expected no white space, quotes, angle brackets or backslashes'),
    v.check((value) => !/[{}]/.test(bare(value)), `expected no braces but those of one ${named}`),
    v.check(
      (value) => !/[$:]return\b|\[return\]|%[sd](?![0-9a-f])/i.test(value),
      'expected {return}, and no other placeholder',
    ),
  )
}

const link = linkWith('{return}')
const documentation = v.pipe(
  link,
  v.check((value) => !value.includes('#'), 'expected no fragment: the reason becomes one'),
)
const remedies = v.strictObject({
  checkout: v.optional(linkWith('{return}', '{offer}')),
  signIn: v.optional(link),
  account: v.optional(link),
  portal: v.optional(link),
  support: v.optional(link),
  documentation: v.optional(documentation),
})

const rail = v.custom<Rail>(
  (value) => typeof value === 'object' && value !== null && 'present' in value && 'kinds' in value,
  'expected a rail, such as bearer()',
)

const ENDPOINT_PATH = 'expected its path to be words of a-z, 0-9 and "-", with "/" between each two'

const source = v.pipe(
  v.custom<EventSource>(
    (value) =>
      typeof value === 'object' && value !== null && 'faults' in value && 'create' in value && 'endpoint' in value,
    'expected a source of events, as a factory makes it',
  ),
  v.check((value) => isEndpointName(value.endpoint?.path), ENDPOINT_PATH),
)

const endpoint = v.pipe(
  v.custom<EndpointFactory>(
    (value) =>
      typeof value === 'object' && value !== null && 'create' in value && 'path' in value && !('endpoint' in value),
    'expected an endpoint, such as account()',
  ),
  v.check((value) => isEndpointName(value.path), ENDPOINT_PATH),
)

const login = v.pipe(
  v.custom<LoginPlugin>(
    (value) =>
      typeof value === 'object' && value !== null && 'endpoints' in value && 'create' in value && 'issuer' in value,
    'expected a login, as a factory makes it',
  ),
  v.check(({ name }) => isEndpointName(name), 'expected its name to be words of a-z, 0-9 and "-"'),
)

const exemption = v.pipe(
  v.custom<ExemptionPlugin>(
    (value) => typeof value === 'object' && value !== null && 'faults' in value && 'create' in value && 'name' in value,
    'expected an exemption, as a factory makes it',
  ),
  v.check(({ name }) => isEndpointName(name), 'expected its name to be words of a-z, 0-9 and "-"'),
)

const discovery = v.custom<DiscoveryDocument>(
  (value) => typeof value === 'object' && value !== null && 'path' in value && 'routeAt' in value,
  'expected a document, such as openapi()',
)

const SINKS = 'expected a list of sinks, such as [signed({url, secret})]'
const sink = v.custom<UsageSink>(
  (value) => typeof value === 'object' && value !== null && 'faults' in value && 'create' in value && 'to' in value,
  'expected a sink, such as signed({url, secret})',
)
const sinks = v.pipe(v.array(sink, SINKS), v.minLength(1, 'expected at least one, or no "usage"'))

const refusalFormat = v.custom<RefusalFormat>(
  (value) => typeof value === 'object' && value !== null && 'accepts' in value && 'write' in value,
  'expected a format of refusals, such as html()',
)

const ORIGIN =
  'expected an origin as browsers write it, such as "https://app.example.com": https (http only on loopback), no path, no "*"'

function isWebOrigin(value: string): boolean {
  return isSafeUrl(value) && !value.includes('*') && URL.parse(value)?.origin === value
}

const KINDS = v.picklist(
  ['free', 'closed'],
  'expected "free", "closed" or terms: what a path gets that no route matches',
)

/** Part of keys, of cache tags and of names of objects: all of them are bounded. */
const MAX_ZONE_NAME = 64
const zoneName = v.pipe(
  text,
  v.regex(/^[\w.-]+$/, 'expected letters, digits, "-", "_" and "."'),
  v.maxLength(MAX_ZONE_NAME, `expected at most ${MAX_ZONE_NAME} characters`),
)

function zoneSchema({ secrets, servers, rates }: Bindings, needsOrigin: boolean) {
  const origin = originSchema(secrets, servers)
  const limited = ratesSchema(rates)
  const terms = termsSchema(limited)
  const entries = v.strictObject({
    name: zoneName,
    id: v.optional(zoneName),
    hosts: v.pipe(v.array(hostName), v.minLength(1, 'expected at least one')),
    origins: v.optional(v.array(v.pipe(v.string(ORIGIN), v.check(isWebOrigin, ORIGIN)))),
    audience: text,
    issuers: v.optional(v.array(issuerSchema(secrets)), []),
    operators: v.optional(v.array(operatorSchema(secrets))),
    rails: v.pipe(v.array(rail), v.minLength(1, 'expected at least one, such as bearer()')),
    refusals: v.optional(v.array(refusalFormat)),
    origin: v.optional(origin),
    routes: v.array(routeSchema(limited)),
    allowFields: v.optional(v.array(allowedField)),
    confirm: v.optional(confirmation),
    quotas: v.optional(quotas),
    standing: v.optional(standing),
    ledger: v.optional(ledgerSchema),
    rates: v.optional(limited),
    unmatched: v.lazy((given) => (typeof given === 'object' && given !== null ? terms : KINDS)),
    events: v.optional(v.array(source, 'expected a list of sources of events')),
    logins: v.optional(v.array(login, 'expected a list of logins')),
    exemptions: v.optional(v.array(exemption, 'expected a list of exemptions')),
    discovery: v.optional(v.array(discovery, 'expected a list such as [openapi()]')),
    offers: v.optional(offersSchema),
    pages: v.optional(pagesSchema),
    preview: v.optional(previewSchema),
    previewsPerSecond: v.optional(seconds(0.1, 1000)),
    timeZone: v.optional(v.pipe(v.string(), v.check(isTimeZone, 'expected a time zone, such as "Europe/Berlin"'))),
    remedies: v.optional(remedies, {}),
  })
  return v.pipe(
    entries,
    v.forward(
      v.partialCheck(
        [['origin'], ['routes'], ['unmatched']],
        (zone) => !needsOrigin || zone.origin !== undefined || serversOf(metersOf(zone)).length > 0,
        'expected an origin: {servers: [{url}]}',
      ),
      ['origin'],
    ),
    v.forward(
      v.partialCheck(
        [['issuers'], ['logins'], ['events'], ['rails']],
        (zone) =>
          zone.issuers.length > 0 ||
          loginsOf(zone).some(({ bringsIssuer }) => bringsIssuer) ||
          zone.rails.some(({ bringsIssuer }) => bringsIssuer !== undefined),
        'expected at least one',
      ),
      ['issuers'],
    ),
  )
}

/** The schema of a configuration for this environment. Messages name the expected value, never a secret. */
export function optionsSchema(bindings: Bindings, needsOrigin: boolean) {
  const { secrets } = bindings
  return v.strictObject({
    zones: v.pipe(v.array(zoneSchema(bindings, needsOrigin)), v.minLength(1, 'expected at least one zone')),
    log: v.optional(logSchema(secrets)),
    endpoints: v.optional(v.array(endpoint, 'expected a list of endpoints, such as [account(), explain()]')),
    usage: v.optional(sinks),
    ledger: v.optional(ledgersSchema),
    secrets: v.optional(secretsSchema(secrets)),
  })
}

type Checked = v.InferOutput<ReturnType<typeof optionsSchema>>
export type CheckedOptions = Checked
export type CheckedZone = Checked['zones'][number]
export type CheckedIssuer = CheckedZone['issuers'][number]
export type CheckedOperator = NonNullable<CheckedZone['operators']>[number]
export type CheckedTerms = v.InferOutput<ReturnType<typeof termsSchema>>
export type CheckedCopy = Exclude<CheckedTerms['cache'], string | undefined>
export type CheckedRoute = CheckedZone['routes'][number]
