/** The other files of a project: each is text, and none has a secret. */
import { isLoopback } from '../../src/http/rules/exchange.ts'
import { WRANGLER_VERSION } from '../toolchain.ts'
import { newSecret } from './llm.ts'
import type { InitPlan } from './plan.ts'

export const HONO_RANGE = '^4.12.6'

/** The Worker's module, with its name. */
export function workerFile({ kind, paths }: InitPlan): { readonly name: string; readonly text: string } {
  if (kind !== 'hono') {
    return {
      name: 'worker.ts',
      text: `import { faregate } from 'faregate/cloudflare'
import config from './faregate.config.ts'

const { Gate, Origin, Ledger } = faregate(config)
export { Gate as default, Ledger, Origin }
`,
    }
  }
  const [path = '/articles/*'] = paths
  return {
    name: 'app.ts',
    text: `import { cloudflare, ledger } from 'faregate/cloudflare'
import { paywall, type PaywallEnv } from 'faregate/hono'
import { Hono } from 'hono'
import config from './faregate.config.ts'

const app = new Hono<PaywallEnv>()
app.use(paywall(config, cloudflare))
app.get('/', (c) => c.text('Free for all.\\n'))
app.get('${path}', (c) => c.text(\`For \${c.var.faregate.account ?? 'someone'}.\\n\`))

export const Ledger = ledger(config)
export default app
`,
  }
}

/** \`wrangler.toml\`. */
export function wranglerText(plan: InitPlan): string {
  const { name, hosts, originUrl, kind } = plan
  const vars = originUrl === undefined ? '' : `\n[vars]\nORIGIN_URL = ${JSON.stringify(deployedOrigin(originUrl))}\n`
  return `name = ${JSON.stringify(name)}
main = ${JSON.stringify(workerFile(plan).name)}
compatibility_date = "2026-10-20"
# Tells that a client has left while its origin was asked.
compatibility_flags = ["enable_request_signal"]
minify = true

# A second door beside the gate otherwise.
workers_dev = false
preview_urls = false

routes = [${hosts.map((host) => JSON.stringify(`${host}/*`)).join(', ')}]
${vars}
# \`npx wrangler secret put NAME\`; for \`npx faregate start\`, .dev.vars or the environment.
[secrets]
required = [${secretsOf(plan)
    .map(({ name: secret }) => JSON.stringify(secret))
    .join(', ')}]
${kind === 'hono' ? '' : CACHE}
# One object for each account: what it has left, and every charge.
[exports.Ledger]
type = "durable-object"
storage = "sqlite"

[[durable_objects.bindings]]
name = "LEDGER"
class_name = "Ledger"

[observability]
enabled = true
redact_query_string = true
`
}

const CACHE = `
# Workers Cache stands before \`Origin\`, and never before the gate.
[cache]
enabled = true

[exports.default]
type = "worker"
cache = { enabled = false }

[exports.Origin]
type = "worker"
cache = { enabled = true }
`

interface SecretName {
  readonly name: string
  readonly purpose: string
  /** True if somebody else gave it, and it is not made here. */
  readonly isGiven?: true
}

export const STRIPE_SECRETS = { key: 'STRIPE_KEY', webhook: 'STRIPE_WEBHOOK' } as const

export const GATE_SECRET = 'GATE_SECRET'

/** API keys, sessions and the look-up of operators need the gate's own secret. */
export function needsGateSecret({ kind, billing, signIn }: InitPlan): boolean {
  return kind === 'api' || kind === 'llm' || billing !== undefined || signIn !== undefined
}

/** The secrets that the configuration names. */
export function secretsOf(plan: InitPlan): readonly SecretName[] {
  const gate = {
    name: GATE_SECRET,
    purpose: 'The gate’s own keys come of it: what was made under it is void without it.',
  }
  return [
    { name: 'ACCOUNT_HASH_KEY', purpose: 'Keys the hash under which an account appears in the log.' },
    ...(needsGateSecret(plan) ? [gate] : []),
    ...(plan.llm?.secret === undefined
      ? []
      : [{ name: plan.llm.secret, purpose: `Your key at ${plan.llm.title}.`, isGiven: true } as const]),
    ...(plan.stripe === undefined ? [] : OF_STRIPE),
    ...(plan.signIn === undefined ? [] : OF_SIGN_IN),
  ]
}

const OF_SIGN_IN: readonly SecretName[] = [
  { name: 'CLIENT_SECRET', purpose: 'The secret of your client where readers sign in.', isGiven: true },
]

const OF_STRIPE: readonly SecretName[] = [
  { name: STRIPE_SECRETS.key, purpose: 'A secret or restricted key of Stripe’s API.', isGiven: true },
  {
    name: STRIPE_SECRETS.webhook,
    purpose: 'The signing secret of the event destination at Stripe (whsec_…).',
    isGiven: true,
  },
]

const PLACEHOLDER = 'https://origin.example.com'

function isHere(url: string): boolean {
  return isLoopback(new URL(url).hostname)
}

/** Returns the origin that a deployed gate asks: never this machine. */
export function deployedOrigin(originUrl: string): string {
  return isHere(originUrl) ? PLACEHOLDER : originUrl
}

export function devVarsText(plan: InitPlan): string {
  const lines = secretsOf(plan).map(({ name, purpose }) => `# ${purpose}\n${name}=\n`)
  return `# Copy to .dev.vars, and give each its own output of \`openssl rand -base64 32\`. Never commit .dev.vars.\n${lines.join('')}${originLine(plan)}`
}

function originLine({ originUrl }: InitPlan): string {
  if (originUrl === undefined || !isHere(originUrl)) return ''
  return `# The server behind the gate, here; in wrangler.toml, where it is deployed.\nORIGIN_URL=${originUrl}\n`
}

/** `.dev.vars` with secrets of the gate's own. What others have given is added by its owner. */
export function filledVarsText(plan: InitPlan): string {
  const own = secretsOf(plan).filter(({ isGiven }) => isGiven !== true)
  const lines = own.map(({ name, purpose }) => `# ${purpose}\n${name}=${newSecret()}\n`)
  return `# Never commit this file.\n${lines.join('')}${originLine(plan)}`
}

/** Lines of `.gitignore`: the files that git must not take. */
export const IGNORED = ['node_modules/', '.dev.vars', '.wrangler/', 'state/', '*.key.json']

/** What a package file needs, by its sections. Nothing that is there is changed. */
export function manifestParts(version: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    scripts: { check: 'faregate check', start: 'faregate start', deploy: 'wrangler deploy' },
    dependencies: { faregate: `^${version}`, hono: HONO_RANGE },
    devDependencies: { wrangler: WRANGLER_VERSION },
  }
}

export function readmeText(plan: InitPlan): string {
  const { name, hosts, paths, recipe } = plan
  const [host] = hosts
  const sample = (paths[0] ?? '/').replaceAll('*', recipe === undefined ? '1' : 'hello-world')
  const notes =
    recipe === undefined
      ? ''
      : `\nWhat ${recipe.title} shows beside its pages is closed, sold or the staff’s, and the configuration says why at each route.
Editors need the entitlement \`staff\`, or a host of their own that readers do not have.\n`
  return `# ${name}

Faregate before ${host}. \`faregate.config.ts\` says what is sold; the pages under
\`remedies\` are yours to make. The host \`localhost\` is for trying it on this machine.
${notes}
\`\`\`sh
npx faregate check          # every fault of the configuration
cp .dev.vars.example .dev.vars   # and fill it in
npx faregate start          # in workerd, on http://localhost:8787
curl -i http://localhost:8787${sample}
\`\`\`

${paying(plan, `http://localhost:8787${sample}`)}
${plan.billing === undefined ? '' : operating('billing.key.json')}
Deployed: \`npx wrangler secret put\` for each of ${secretsOf(plan)
    .map(({ name: secret }) => `\`${secret}\``)
    .join(', ')}, then \`npx wrangler deploy\`.
`
}

/** How to see what happens on the site. */
export function operating(keyFile: string): string {
  return `
What happens is shown at http://localhost:8787/__faregate/operator, which takes the token of an operator:

\`\`\`sh
npx faregate token operator --key ${keyFile} --scope view
\`\`\`
`
}

/** How to see a paid answer. */
function paying({ billing, provider, entitlement, signIn }: InitPlan, page: string): string {
  if (signIn !== undefined) return `Then open ${page} in a browser, and sign in.`
  if (billing === undefined)
    return `Then with an access token of ${provider?.preset.title ?? 'your issuer'}: \`curl -i ${page} -H "Authorization: Bearer $TOKEN"\`.`
  return `\`\`\`sh
TOKEN=$(npx faregate token entitlement --key billing.key.json --account account-1 --entitlements ${entitlement})
curl -i ${page} -H "Authorization: Bearer $TOKEN"
\`\`\``
}
