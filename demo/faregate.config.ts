import {
  account,
  alerts,
  anthropic,
  bearer,
  charges,
  compatible,
  confirm,
  type CopyOptions,
  credit,
  dashboard,
  defineConfig,
  emergency,
  levers,
  events,
  explain,
  erase,
  exportAccount,
  feeds,
  freeReading,
  gemini,
  health,
  hold,
  html,
  type ModelOptions,
  linkPreviews,
  lookup,
  manageFeeds,
  markdown,
  metrics,
  mistral,
  openai,
  type Options,
  purge,
  oauth,
  plainText,
  purchases,
  qianfan,
  receipt,
  session,
  signed,
  usageReport,
  type ZoneOptions,
} from '../src/index.ts'
import { OFFERS, scopeOf } from './offers.ts'

/** For `npm run conformance`: the fields by which the suite knows its requests, and those that it names in `Vary`. */
const suite: CopyOptions = {
  fresh: { heuristicSeconds: 86_400 },
  requestFields: ['test-id', 'test-name', 'req-num', 'accept-language', 'foo', 'bar', 'baz', 'other', 'abc'],
}

/** What the demo sells of each provider. Behind the gate they are all the demo's own (demo/models). */
function modelRoutes(url: string): ZoneOptions['routes'] {
  const sold = { requires: 'api', offers: ['api', 'credit'] }
  const terms = { url, currency: 'USD', onShort: 'refuse' } as const
  const listed = (...ids: string[]): Record<string, ModelOptions> =>
    Object.fromEntries(ids.map((id) => [id, { rates: 'catalogue' as const, defaultOutput: 1000 }]))
  const ernie = { rates: { input: '0.84', output: '3.36' }, limit: { input: 119_000, output: 65_536 } }
  const llama = { rates: { input: '0.11', output: '0.34' }, limit: { input: 131_072, output: 8192 } }
  return [
    {
      path: '/openai/*',
      ...sold,
      meter: openai({
        ...terms,
        secret: 'OPENAI_KEY',
        models: {
          ...listed('gpt-6-luna', 'gpt-5.4-mini', 'gpt-6-astra'),
          'text-embedding-3-small': { rates: 'catalogue' },
        },
      }),
    },
    {
      path: '/anthropic/*',
      ...sold,
      meter: anthropic({ ...terms, secret: 'ANTHROPIC_KEY', models: listed('claude-haiku-5-5', 'claude-opus-5-5') }),
    },
    {
      path: '/gemini/*',
      ...sold,
      meter: gemini({ ...terms, secret: 'GEMINI_KEY', models: listed('gemini-3.8-flash', 'gemini-3.1-pro-preview') }),
    },
    {
      path: '/mistral/*',
      ...sold,
      meter: mistral({ ...terms, secret: 'MISTRAL_KEY', models: listed('mistral-small-2603', 'mistral-large-2512') }),
    },
    {
      path: '/qianfan/*',
      ...sold,
      meter: qianfan({ ...terms, secret: 'QIANFAN_KEY', models: { 'ernie-5.0': { ...ernie, defaultOutput: 1000 } } }),
    },
    {
      path: '/llama/*',
      ...sold,
      meter: compatible({
        ...terms,
        secret: 'COMPATIBLE_KEY',
        models: { 'llama-4-scout': { ...llama, defaultOutput: 1000 } },
        runningUsage: true,
      }),
    },
  ]
}

/** How the gate's pages look and speak: as the paper does. */
const PAGES: NonNullable<ZoneOptions['pages']> = {
  site: { name: 'The Daily Fare', home: '/' },
  languages: ['en', 'de'],
  colors: { accent: '#9c2a1f', accentDark: '#f0998f' },
  stylesheet: '/paywall.css',
  legal: { terms: '/free/terms', privacy: '/free/privacy', imprint: '/free/imprint' },
}

const forOperators = [
  health(),
  purge(),
  credit(),
  hold(),
  erase(),
  exportAccount(),
  lookup(),
  emergency(),
  levers(),
  dashboard(),
]

/** The configuration of the demo, which `npm start` runs. Your own is `faregate.config.ts` at the root. */
export default defineConfig((env): Options => {
  const origin = env['ORIGIN_URL'] ?? 'http://127.0.0.1:8788'
  const billing = env['BILLING_URL'] ?? 'http://127.0.0.1:8789'
  const usage = env['USAGE_URL']
  const scraped = env['METRICS_SECRET'] === undefined ? [] : [metrics({ secret: 'METRICS_SECRET' })]
  const link = `${env['GATE_URL'] ?? 'http://localhost:8787'}/__faregate/operator`
  const alerting =
    env['ALERTS_SECRET'] === undefined
      ? []
      : [alerts({ to: [{ url: `${billing}/alerts`, secret: 'ALERTS_SECRET' }], link })]
  const models = env['MODELS_URL']
  const views = env['FREE_VIEWS']
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [
      account(),
      charges(),
      usageReport(),
      explain(),
      confirm(),
      events(),
      manageFeeds(),
      ...forOperators,
      ...scraped,
      ...alerting,
    ],
    ...(usage === undefined ? {} : { usage: [signed({ url: usage, secret: 'USAGE_SECRET' })] }),
    zones: [
      {
        name: 'demo',
        hosts: ['localhost', '127.0.0.1', 'www.example.com'],
        audience: 'https://www.example.com',
        issuers: [
          {
            issuer: billing,
            jwks: { url: `${billing}/.well-known/jwks.json` },
            statusLists: { allow: [`${billing}/status/*`] },
            // An article that was bought by itself stays open for thirty days.
            maxLifetimeSeconds: 31 * 86_400,
          },
        ],
        logins: [
          oauth({
            name: 'billing',
            issuer: billing,
            clientId: 'demo',
            secret: 'CLIENT_SECRET',
            resource: 'https://www.example.com',
            offers: Object.fromEntries(Object.keys(OFFERS).map((name) => [name, { scope: scopeOf(name) }])),
            waits: true,
            silent: true,
          }),
        ],
        operators: [{ issuer: billing, jwks: { url: `${billing}/.well-known/jwks.json` } }],
        rails: [bearer(), session(), receipt(), purchases(), feeds({ routes: ['/feeds/*'] })],
        pages: PAGES,
        exemptions:
          views === undefined ? [] : [freeReading({ views: Number(views), every: 'P1M', routes: ['/articles/*'] })],
        offers: OFFERS,
        refusals: [linkPreviews(), html(), plainText(), markdown()],
        origin: { servers: [{ url: origin }] },
        routes: [
          { path: '/', free: true },
          { path: '/free/*', free: true },
          {
            path: '/articles/*',
            requires: 'premium',
            price: { amount: '0.90', currency: 'EUR' },
            offers: ['premium', 'annual', 'article'],
            preview: { select: '.text', paragraphs: 2, marker: 'members-only', byline: '.author' },
          },
          { path: '/feeds/*', requires: 'premium', offers: ['premium', 'annual'] },
          {
            path: '/api/*',
            requires: 'api',
            cache: 'off',
            quotas: [{ name: 'requests', quota: 1000, window: 3600 }],
            rates: [{ requests: 50, seconds: 10 }],
            offer: { title: 'API plan' },
            offers: ['api', 'both'],
          },
          ...(models === undefined ? [] : modelRoutes(models)),
          {
            path: '/reports/*',
            price: { amount: '0.25', currency: 'USD' },
            offers: ['reports', 'credit'],
          },
          {
            path: '/test/*',
            ...(env['TEST_ROUTE'] === 'paid' ? { requires: 'premium' } : { free: true }),
            cache: suite,
          },
        ],
        unmatched: 'free',
        remedies: {
          portal: `${billing}/portal`,
          support: `${billing}/support`,
        },
      },
    ],
  }
})
