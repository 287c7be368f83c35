import { describe, expect, it } from 'vitest'
import { among, type BundledPlugin, bundled } from './bundled.ts'

const MAIN = './src/index.ts'
const OPERATOR = [
  'The token\'s "scope" is not a list of scopes',
  'This needs an operator token',
  'names no "operators"',
]
const PLUGINS: readonly BundledPlugin[] = [
  ['bearer', MAIN, 'webSocketProtocol'],
  ['x402', MAIN, 'invalid_exact_evm_signature', 'expected a network of the kind'],
  ['receipt', MAIN, 'more than one receipt', '"Faregate-Receipt" field is not one token'],
  ['packs', MAIN, 'urn:faregate:packs:', 'expected receipt() beside packs()'],
  ['openapi', MAIN, 'x-payment-info'],
  ['x402Listing', MAIN, '/.well-known/x402'],
  ['metrics', MAIN, 'faregate_requests'],
  ['alerts', MAIN, 'customers-refused', 'with a genuine credential refused'],
  ['health', MAIN, 'application/health+json', 'ledger:responseTime'],
  ['anomalies', MAIN, 'watch_suspects', 'ten seconds of traffic were not watched', 'ask-sign-in'],
  ['dashboard', MAIN, 'Customers refused', 'operator-view+jwt'],
  ['mpp', MAIN, 'paymentauth.org', 'shared_payment_granted_token', 'The challenge that the payment answers'],
  [
    'session',
    MAIN,
    'A session is sent in its own cookie',
    'expected at most half of',
    'renewed once the page is opened',
  ],
  ['purchases', MAIN, 'What this browser keeps as a purchase', 'The receipt was sent from another site'],
  ['oauth', MAIN, 'code_challenge_method', 'metadata of another issuer', 'client_secret_post'],
  ['crawl', MAIN, 'crawler-charged', 'StrongAuthRequired'],
  ['verifiedAgents', MAIN, 'verified-agent', 'The keys of this agent cannot be had'],
  ['feeds', MAIN, 'A URL takes feed tokens alone', 'The feed token was not made here', 'is not an option of feeds'],
  ['manageFeeds', MAIN, 'This site has no feeds', 'path: expected that of a page with feeds'],
  ['supportFeeds', MAIN, 'feed-disabled'],
  ['html', MAIN, 'class="wall"', 'prerenderingchange'],
  ['plainText', MAIN, 'plain-text'],
  ['markdown', MAIN, 'text/markdown'],
  ['reported', MAIN, 'Faregate-Usage', 'expected an object such as {rows: 1000}'],
  ['openai', MAIN, 'https://api.openai.com'],
  ['anthropic', MAIN, 'https://api.anthropic.com'],
  ['gemini', MAIN, 'https://generativelanguage.googleapis.com', 'cachedContent'],
  ['mistral', MAIN, 'https://api.mistral.ai'],
  ['qianfan', MAIN, 'https://qianfan.baidubce.com'],
  ['compatible', MAIN, 'http://127.0.0.1:8000'],
  ['mcp', MAIN, 'Last-Event-ID', 'tools/call', 'oauth-protected-resource', 'org.paymentauth/'],
  ['signed', MAIN, 'faregate-signature'],
  ['openmeter', MAIN, 'openmeter', '/api/v1/events', 'cannot be taken back'],
  ['queue', MAIN, 'too large for a queue'],
  ['account', MAIN, 'This needs the token of the account, or a receipt'],
  ['charges', MAIN, 'This account has no such charge'],
  ['usageReport', MAIN, 'sums are by day'],
  ['explain', MAIN, 'Name what to explain'],
  [
    'confirm',
    MAIN,
    'Opening this page takes',
    'Use one and open',
    'by no other',
    'The balance of this account cannot be read',
  ],
  ['events', MAIN, 'secevent\\+jwt', 'invalid_audience', 'urn:faregate:event:', 'The event\'s "jti"'],
  ['purge', MAIN, 'The purge could not be completed', 'everything: expected'],
  ['credit', MAIN, 'Another grant has this id'],
  ['hold', MAIN, 'whether the hold was placed'],
  ['erase', MAIN, 'whether the account was erased', 'forfeit: expected'],
  ['exportAccount', MAIN, 'application/x-ndjson', 'Ask for the same page again'],
  ['emergency', MAIN, 'What is void cannot be read now'],
  ['levers', MAIN, 'whether the lever was pulled', 'expected a time to come'],
  ['keys', MAIN, 'token_type="api-key"', 'Faregate-Tag'],
  ['manageKeys', MAIN, 'generation: expected a number'],
  ['ownKeys', MAIN, 'Owners make no keys here', 'account/keys'],
  ['lookup', MAIN, 'Nothing is known here under this name', 'showed no token', 'expand 32-byte k'],
  ['clerk', MAIN, '["fea", "pla"]'],
  ['cloudflareAccess', MAIN, '/cdn-cgi/access/certs'],
  ['cognito', MAIN, 'cognito:groups'],
  ['entra', MAIN, 'login.microsoftonline.com'],
  ['firebase', MAIN, 'securetoken@system.gserviceaccount.com'],
  ['keycloak', MAIN, 'resource_access'],
  ['supabase', MAIN, 'app_metadata'],
]
const FOR_OPERATORS = [
  'anomalies',
  'alerts',
  'health',
  'supportFeeds',
  'purge',
  'credit',
  'hold',
  'erase',
  'exportAccount',
  'lookup',
  'emergency',
  'levers',
  'manageKeys',
]

/** What brings another plug-in, or parts of it, with it: every login pages, the reading of sessions, and the endpoint that confirms; alerts are signed as usage is. */
const BRINGING: Readonly<Record<string, readonly string[]>> = {
  confirm: ['oauth'],
  signed: ['alerts'],
  session: ['oauth'],
  html: ['oauth'],
  // The same facilitator settles its authorizations.
  x402: ['mpp'],
  // Its page looks charges up.
  charges: ['account'],
}

describe('the bundle of a Worker', () => {
  it('has all that its configuration names', async () => {
    const all = await bundled(PLUGINS)
    for (const [name, , ...telling] of PLUGINS) expect(among(all, telling), name).toEqual(telling)
  })

  it.each(PLUGINS)('has nothing of %s, if its configuration names all but that', async (name, _from, ...telling) => {
    const bringing = BRINGING[name] ?? []
    const others = await bundled(PLUGINS.filter(([other]) => other !== name && !bringing.includes(other)))
    expect(among(others, telling)).toEqual([])
  })

  it('has no trace of API keys, if its configuration names neither the rail nor an endpoint for them', async () => {
    const TRACES = ['"fg_"', 'keys need secrets.gate', 'This is not an API key', 'key-rotated']
    const isOfKeys = ([name]: BundledPlugin): boolean => ['keys', 'manageKeys', 'ownKeys'].includes(name)
    expect(among(await bundled(PLUGINS.filter((one) => !isOfKeys(one))), TRACES)).toEqual([])
    expect(among(await bundled(PLUGINS.filter(isOfKeys)), TRACES)).toEqual(TRACES)
  })

  it('has no trace of Web Bot Auth, if its configuration names neither what sells to agents nor what opens pages to them', async () => {
    const TRACES = ['http-message-signatures-directory', '@signature-params', 'rsa-pss-sha512']
    const isOfAgents = ([name]: BundledPlugin): boolean => ['crawl', 'verifiedAgents'].includes(name)
    expect(among(await bundled(PLUGINS.filter((one) => !isOfAgents(one))), TRACES)).toEqual([])
    expect(among(await bundled(PLUGINS.filter(isOfAgents)), TRACES)).toEqual(TRACES)
  })

  it('has the pages of signing in and buying, if its configuration names a login, and else no trace of them', async () => {
    const TRACES = [
      '__Host-faregate-trip-',
      'trip+jwt',
      'faregate-hint',
      'We are waiting for your payment',
      'Sign out on all devices',
    ]
    const LOGIN: BundledPlugin = ['oauth', MAIN]
    expect(among(await bundled(PLUGINS.filter(([name]) => name !== 'oauth')), TRACES)).toEqual([])
    const [, , ...ofConfirm] = PLUGINS.find(([name]) => name === 'confirm') ?? []
    // What was bought may have to be confirmed.
    expect(among(await bundled([LOGIN]), [...TRACES, ...ofConfirm])).toEqual([...TRACES, ...ofConfirm])
  })

  it('verifies tokens of operators, if its configuration names one endpoint for them', async () => {
    for (const name of FOR_OPERATORS)
      expect(among(await bundled(PLUGINS.filter(([other]) => other === name)), OPERATOR)).toEqual(OPERATOR)
    // A dashboard takes such a token from a form of its own.
    const forNone = PLUGINS.filter(([name]) => !FOR_OPERATORS.includes(name) && name !== 'dashboard')
    expect(among(await bundled(forNone), OPERATOR)).toEqual([])
  })
})
