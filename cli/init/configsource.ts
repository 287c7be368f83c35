/** Writes `faregate.config.ts`. */
import { writeRoutes } from '../recipes/recipe.ts'
import { meterOptionsOf } from './llm.ts'
import type { InitPlan, OwnBilling, StripeSale } from './plan.ts'
import { deployedOrigin, GATE_SECRET, needsGateSecret, STRIPE_SECRETS } from './projectfiles.ts'
import { Code, sourceOf } from './source.ts'

/** The names that the configuration imports are gathered as they are used. */
class Imports {
  readonly names = new Set<string>(['defineConfig', 'type Options'])
  /** Lines of the package's other exports. */
  readonly others = new Set<string>()

  call(name: string, options?: object, depth = 0): Code {
    this.names.add(name)
    return new Code(`${name}(${options === undefined ? '' : sourceOf(options, depth)})`)
  }

  line(): string {
    const bare = (name: string): string => name.replace('type ', '').toLowerCase()
    const names = [...this.names].toSorted((one, other) => bare(one).localeCompare(bare(other)))
    const line = `import { ${names.join(', ')} } from 'faregate'`
    const own = line.length <= 120 ? line : `import {\n${names.map((name) => `  ${name},\n`).join('')}} from 'faregate'`
    return [own, ...this.others].join('\n')
  }
}

const BILLING = 'billing'

function keysOf({ keys }: OwnBilling): object {
  return 'url' in keys ? { jwks: { url: keys.url } } : { keys: new Code(`${BILLING}.keys`) }
}

function issuersOf({ billing, provider, entitlement }: InitPlan, imports: Imports): Code[] {
  const speaksFor = provider?.preset.issuer(provider.options)
  const own =
    billing === undefined
      ? []
      : [new Code(sourceOf({ issuer: billing.issuer, ...keysOf(billing), ...(speaksFor && { speaksFor }) }, 5))]
  if (provider === undefined) return own
  const { preset, options } = provider
  const call = imports.call(preset.factory, { ...options, ...preset.more?.(entitlement) }, 5)
  return [...own, preset.isList === true ? new Code(`...${call.text}`) : call]
}

function endpointsOf({ kind, billing, stripe }: InitPlan, imports: Imports): Code[] {
  const ofBilling =
    billing === undefined
      ? []
      : [
          ...(stripe === undefined ? ['events'] : []),
          ...(kind === 'llm' ? [] : ['purge']),
          'hold',
          'credit',
          'lookup',
          'emergency',
          'dashboard',
        ]
  const ofKeys = hasKeys(kind) && billing !== undefined ? ['manageKeys'] : []
  const ofModels = kind === 'llm' ? ['charges', 'usageReport'] : []
  return ['account', ...ofModels, 'explain', 'health', ...ofBilling, ...ofKeys].map((name) => imports.call(name))
}

/** Programs send API keys. */
function hasKeys(kind: InitPlan['kind']): boolean {
  return kind === 'api' || kind === 'llm'
}

/** API keys are made by operators, or else by their owners. */
function railsOf({ kind, billing, stripe, signIn }: InitPlan, imports: Imports): Code[] {
  if (stripe !== undefined) return ['session', 'receipt', 'purchases'].map((name) => imports.call(name))
  const keys = hasKeys(kind) ? [imports.call('keys', billing === undefined ? { self: true } : undefined)] : []
  return [imports.call('bearer'), ...(signIn === undefined ? [] : [imports.call('session')]), ...keys]
}

function loginsOf({ signIn, hosts, provider, entitlement }: InitPlan, imports: Imports): readonly Code[] | undefined {
  if (signIn === undefined) return undefined
  const { issuer, clientId } = signIn
  const scopes = ['openid', 'offline_access', ...(provider?.preset.hasScopes ? [entitlement] : [])]
  const options = { issuer, clientId, secret: 'CLIENT_SECRET', scopes, resource: `https://${hosts[0]}` }
  return [imports.call('oauth', options, 5)]
}

/** How far the routes are indented. */
const ROUTES_DEPTH = 4

function routesOf({ kind, recipe, paths, free, entitlement, llm, originUrl }: InitPlan, imports: Imports): Code {
  const offer = { title: 'Subscription' }
  if (llm !== undefined) {
    const options = meterOptionsOf(llm, originUrl === undefined ? undefined : originOf(originUrl))
    const meter = imports.call(llm.factory, options, ROUTES_DEPTH + 2)
    return new Code(
      sourceOf(
        paths.map((path) => ({ path, requires: entitlement, offer, meter })),
        ROUTES_DEPTH,
      ),
    )
  }
  if (recipe !== undefined) {
    const lines = writeRoutes(
      recipe,
      { articles: paths, free, requires: entitlement, offer },
      '  '.repeat(ROUTES_DEPTH + 1),
    )
    return new Code(`[\n${lines}\n${'  '.repeat(ROUTES_DEPTH)}]`)
  }
  const plan =
    kind === 'api'
      ? {
          cache: 'off',
          quotas: [{ name: 'requests', quota: 10_000, window: 'P1M' }],
          rates: [{ requests: 50, seconds: 10 }],
        }
      : {}
  const sold = paths.map((path) => ({ path, requires: entitlement, offer, ...plan }))
  return new Code(sourceOf([...sold, ...free.map((path) => ({ path, free: true }))], ROUTES_DEPTH))
}

function zoneOf(plan: InitPlan, imports: Imports): object {
  const { kind, hosts, originUrl, billing, pages, recipe, llm } = plan
  const [host] = hosts
  const isApi = hasKeys(kind)
  return {
    name: host.split('.')[0] ?? host,
    // `localhost` is for `npx faregate start` on this machine.
    hosts: [...hosts, 'localhost'],
    audience: `https://${host}`,
    issuers: plan.stripe === undefined ? issuersOf(plan, imports) : [],
    operators: billing === undefined ? undefined : [{ issuer: billing.issuer, ...keysOf(billing) }],
    logins: loginsOf(plan, imports),
    rails: railsOf(plan, imports),
    events: plan.stripe === undefined ? undefined : [sellingOf(plan.stripe, plan.entitlement, imports)],
    refusals: isApi ? undefined : [imports.call('html')],
    origin: originUrl === undefined || llm !== undefined ? undefined : { servers: [{ url: originOf(originUrl) }] },
    routes: routesOf(plan, imports),
    unmatched: isApi || recipe !== undefined ? 'closed' : 'free',
    remedies: {
      // What Stripe sells has pages of the gate's own.
      checkout: plan.stripe === undefined ? withReturn(pages.checkout) : undefined,
      signIn: pages.signIn === undefined || plan.signIn !== undefined ? undefined : withReturn(pages.signIn),
      documentation: pages.documentation,
    },
  }
}

function sellingOf({ price }: StripeSale, entitlement: string, imports: Imports): Code {
  imports.others.add(`import { stripe } from 'faregate/stripe'`)
  const sell = { monthly: { price, grants: entitlement } }
  return new Code(`stripe(${sourceOf({ secret: STRIPE_SECRETS.webhook, key: STRIPE_SECRETS.key, sell }, 5)})`)
}

function originOf(originUrl: string): Code {
  return new Code(`env['ORIGIN_URL'] ?? ${sourceOf(deployedOrigin(originUrl))}`)
}

function withReturn(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}return={return}`
}

/** Returns the text of `faregate.config.ts`. */
export function configSource(plan: InitPlan): string {
  const imports = new Imports()
  const options = {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: needsGateSecret(plan) ? { gate: GATE_SECRET } : undefined,
    endpoints: endpointsOf(plan, imports),
    zones: [zoneOf(plan, imports)],
  }
  const body = sourceOf(options, 1)
  const keys = plan.billing?.keys
  const file =
    keys !== undefined && 'file' in keys ? `import ${BILLING} from ${sourceOf(keys.file)} with { type: 'json' }\n` : ''
  const parameter = plan.originUrl === undefined ? '' : 'env'
  return `${imports.line()}\n${file}
/** What is sold, and to whom. \`npx faregate check\` reports every fault. */
export default defineConfig(
  (${parameter}): Options => (${body}),
)
`
}
