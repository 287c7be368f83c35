import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { type BillingIssuer, createIssuer } from '../src/billing/index.ts'
import { Alerts } from './alerts.ts'
import { authorizationServer } from './authorize.ts'
import { zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { type Listening, listen } from './listen.ts'
import { accountRoutes } from './playground/accounts.ts'
import { type Grant, products, Shop, type SignedIn, type Wish } from './shop.ts'
import { accountPage, checkoutPage, homePage, languageIn, portalPage, signInPage, textPage } from './shop-pages.ts'
import { DemoStatusList } from './status.ts'
import { Usage } from './usage.ts'

/** Billing's own sign-in, on its own site. The gate never sees it. */
const cookieName = 'shop'
/** An article is sold for thirty days, and the payment may take a moment. */
const maxLifetimeSeconds = 31 * 86_400
export const demoClient = { id: 'demo', login: 'billing' } as const

export type BillingOptions = {
  readonly port?: number
  /** The `iss` of its tokens, which must be the gate's BILLING_URL. The default is the URL it listens on. */
  readonly issuer?: string
  /** Where buyers come from, and are sent back to: the gate, under each of its hosts. */
  readonly gates?: readonly string[]
  /** By which the gate says that it is the gate. The default is nobody's. */
  readonly clientSecret?: string
  readonly keyFile?: string
  /** Signs what the gate tells of usage. The default is nobody's. */
  readonly usageSecret?: string
  /** Signs the gate's alerts. The default is nobody's. */
  readonly alertsSecret?: string
  /** In milliseconds since 1970. */
  readonly clock?: () => number
  /** How long its tokens are good: an hour by default. */
  readonly lifetimeSeconds?: number
}

type Desk = {
  readonly issuer: string
  readonly gate: string
  readonly gates: readonly string[]
  readonly billing: BillingIssuer
  readonly usage: Usage
  readonly alerts: Alerts
  readonly shop: Shop
  readonly clientSecret: string
  readonly clock: () => number
}

/** A small billing backend: it publishes its key, sells plans for nothing, and signs what was bought into a token. */
export async function startBilling(options: BillingOptions = {}): Promise<Listening> {
  const { keys } = await signingKey(options.keyFile)
  const { gates = ['http://localhost:8787'], clock = Date.now, lifetimeSeconds = 3600 } = options
  const [gate = ''] = gates
  const usage = new Usage(options.usageSecret ?? randomSecret())
  const alerts = new Alerts(options.alertsSecret ?? randomSecret(), clock)
  return listen(options.port ?? 0, (url) => {
    const issuer = options.issuer ?? url
    const billing = createIssuer({ issuer, audience: zoneAudience, keys, clock, maxLifetimeSeconds })
    const grant = (...asked: [string, Credit, string?]) => grantCredit(billing, gate, ...asked)
    const shop = new Shop({ billing, clock, lifetimeSeconds, grant })
    const clientSecret = options.clientSecret ?? randomSecret()
    return billingApp({ issuer, gate, gates, billing, usage, alerts, shop, clientSecret, clock })
  })
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

function billingApp(desk: Desk): Hono {
  const { billing, issuer } = desk
  const app = new Hono()
  app.use('/usage', bodyLimit({ maxSize: 1024 * 1024 }))
  app.route('/usage', desk.usage.routes())
  // Reads no content.
  app.route('/playground', playgroundDesk(desk))
  app.use(bodyLimit({ maxSize: 16 * 1024 }))
  app.route('/alerts', desk.alerts.routes())
  app.route('/status/1', new DemoStatusList(billing, issuer).routes())
  app.get('/.well-known/jwks.json', (c) => billing.jwksResponse(c.req.raw))
  // No other site's page signs a browser in or out, or buys.
  app.on('POST', ['/authorize', '/account', '/sign-out'], csrf())
  app.route('/', authorization(desk))
  app.get('/', (c) => c.html(homePage(desk.usage.line())))
  app.get('/account', (c) => account(c, desk))
  app.post('/account', (c) => signIn(c, desk))
  app.post('/sign-out', (c) => signOut(c, desk))
  app.get('/sign-out', (c) => signOut(c, desk))
  app.get('/portal', (c) => c.html(portalPage(desk.gate, languageIn(c))))
  app.get('/support', (c) =>
    c.html(textPage('Support', 'Nobody is here: this is a demo. Quote the reference that the page has shown.')),
  )
  return app
}

function authorization(desk: Desk): Hono {
  const { issuer, gates, shop, clientSecret, clock } = desk
  const redirectUris = gates.map((gate) => `${gate}/__faregate/return/${demoClient.login}`)
  return authorizationServer<Grant>({
    issuer,
    client: { id: demoClient.id, secret: clientSecret, redirectUris },
    clock,
    issue: (granted) => shop.issue(granted),
    decide: (c, scopes) => decide(c, desk, scopes),
  })
}

/** Who comes back is known by billing's cookie. Anybody else is shown a page, and what is posted there decides. */
async function decide(c: Context, { shop, gate }: Desk, scopes: readonly string[]) {
  const asked = askedFor(scopes)
  if (asked === 'unknown') return { error: 'invalid_scope' }
  const known = shop.signedIn(getCookie(c, cookieName))
  const wish = asked && known && { ...asked, account: known.account }
  const order = wish && shop.standingOrder(wish)
  if (known !== undefined && (asked === undefined || order !== undefined)) return { grant: { ...known, order } }
  if (c.req.query('prompt') === 'none')
    return { error: known === undefined ? 'login_required' : 'interaction_required' }
  c.header('cache-control', 'no-store')
  const language = languageIn(c)
  if (c.req.method === 'GET')
    return c.html(
      asked === undefined ? signInPage(language) : checkoutPage({ ...asked, account: known?.account, language, gate }),
    )
  const fields: FormFields = await c.req.parseBody()
  if (fields['answer'] === 'cancel') return { error: 'access_denied' }
  const account =
    known?.account ?? (fields['account'] === '' && asked !== undefined ? newAccount() : accountName(fields))
  if (account === undefined) return badName(c)
  const signedIn = known ?? signedInAs(account, c, shop)
  return { grant: { ...signedIn, order: asked && shop.buy({ ...asked, account }, fields['pay'] === 'bank') } }
}

/** What the gate asks for: `offer:premium`, or with the page to sell by itself, `offer:article:/articles/1`. */
function askedFor(scopes: readonly string[]): Omit<Wish, 'account'> | 'unknown' | undefined {
  const scope = scopes.find((one) => one.startsWith('offer:'))
  if (scope === undefined) return undefined
  const [, product = '', path] = /^offer:([^:]*)(?::(\/.*))?$/.exec(scope) ?? []
  return Object.hasOwn(products, product) ? { product, ...(path !== undefined && { path }) } : 'unknown'
}

function signedInAs(account: string, c: Context, shop: Shop): SignedIn {
  const { cookie, signedIn } = shop.signIn(account)
  setCookie(c, cookieName, cookie, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 30 * 24 * 3600 })
  return signedIn
}

/** Shows who is signed in here, with a token for programs. */
async function account(c: Context, { shop, gate }: Desk) {
  c.header('cache-control', 'no-store')
  const known = shop.signedIn(getCookie(c, cookieName))
  if (known === undefined) return c.html(signInPage(languageIn(c)))
  const issued = await shop.issue(known)
  return c.html(
    accountPage({
      account: known.account,
      orders: shop.orders(known.account),
      token: issued?.access_token ?? '',
      gate,
      language: languageIn(c),
    }),
  )
}

async function signIn(c: Context, { shop }: Desk) {
  const fields: FormFields = await c.req.parseBody()
  const name = accountName(fields)
  if (name === undefined) return badName(c)
  signedInAs(name, c, shop)
  return c.redirect('/account', 303)
}

/** A browser that the gate sends goes back there, if that is where it says. */
function signOut(c: Context, { shop, gates }: Desk) {
  shop.signOut(getCookie(c, cookieName))
  deleteCookie(c, cookieName, { path: '/' })
  const back = c.req.query('post_logout_redirect_uri')
  const isGate = back !== undefined && URL.canParse(back) && gates.includes(new URL(back).origin)
  return c.redirect(isGate ? back : '/account', 303)
}

function playgroundDesk({ gate, billing, issuer }: Desk): Hono {
  return accountRoutes({
    gate,
    issue: (account) => billing.signEntitlement({ account, entitlements: ['api'], plan: 'Models' }),
    accountOf: (token) => accountOfToken(token, billing, issuer),
    grant: (account, amount) => grantCredit(billing, gate, account, { amount, currency: 'USD' }),
  })
}

type Credit = { readonly amount: string; readonly currency: string }

/** Returns false if the gate did not take the event. */
async function grantCredit(
  billing: BillingIssuer,
  gate: string,
  account: string,
  credit: Credit,
  id?: string,
): Promise<boolean> {
  const body = await billing.signEvent({ account, events: { 'credit-granted': credit }, id })
  const headers = { 'content-type': 'application/secevent+jwt' }
  const told = await fetch(new URL('/__faregate/events', gate), { method: 'POST', headers, body }).catch(
    () => undefined,
  )
  return told?.status === 202
}

type FormFields = Readonly<Record<string, unknown>>

function newAccount(): string {
  return `account-${randomBytes(6).toString('hex')}`
}

function accountName(fields: FormFields): string | undefined {
  const name = fields['account']
  return typeof name === 'string' && /^[A-Za-z0-9._@-]{1,64}$/.test(name) ? name : undefined
}

function badName(c: Context) {
  return c.html(textPage('Bad request', 'An account name is 1 to 64 letters, digits or ._@-'), 400)
}

async function accountOfToken(token: string, billing: BillingIssuer, issuer: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...billing.jwks().keys] }), {
      issuer,
      audience: zoneAudience,
      typ: 'entitlement+jwt',
      algorithms: ['ES256'],
    })
    return payload.sub
  } catch {
    return undefined
  }
}
