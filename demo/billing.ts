import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { type BillingIssuer, createIssuer } from '../src/billing/index.ts'
import { zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { type Listening, listen } from './listen.ts'
import { accountRoutes } from './playground/accounts.ts'
import { problemsPage } from './problems.ts'
import { returnUrl, underGatesName } from './return-url.ts'
import {
  checkoutPage,
  type Issued,
  issuedPage,
  noAccessPage,
  type Product,
  products,
  signInPage,
  textPage,
} from './shop.ts'
import { DemoStatusList } from './status.ts'
import { Usage } from './usage.ts'

const cookieName = '__Host-faregate'
/** Under the day that the gate allows an issuer by default. */
const lifetimeSeconds = 12 * 3600

export type BillingOptions = {
  readonly port?: number
  /** The `iss` of its tokens, which must be the gate's BILLING_URL. The default is the URL it listens on. */
  readonly issuer?: string
  /** Where buyers come from, and are sent back to. */
  readonly gate?: string
  readonly keyFile?: string
  /** Signs what the gate tells of usage. The default is nobody's. */
  readonly usageSecret?: string
}

type Shop = { readonly issuer: string; readonly gate: string; readonly billing: BillingIssuer; readonly usage: Usage }

/** A small billing backend: it publishes its key, sells plans for nothing, and signs what was bought into a token. */
export async function startBilling(options: BillingOptions = {}): Promise<Listening> {
  const { keys } = await signingKey(options.keyFile)
  const gate = options.gate ?? 'http://localhost:8787'
  const usage = new Usage(options.usageSecret ?? randomBytes(32).toString('base64url'))
  return listen(options.port ?? 0, (url) => {
    const issuer = options.issuer ?? url
    const billing = createIssuer({ issuer, audience: zoneAudience, keys })
    return billingApp({ issuer, gate, billing, usage })
  })
}

function billingApp(shop: Shop): Hono {
  const app = new Hono()
  app.use('/usage', bodyLimit({ maxSize: 1024 * 1024 }))
  app.route('/usage', shop.usage.routes())
  // Reads no content.
  app.route('/playground', playgroundDesk(shop))
  app.use(bodyLimit({ maxSize: 16 * 1024 }))
  app.route('/status/1', new DemoStatusList(shop.billing, shop.issuer).routes())
  app.get('/.well-known/jwks.json', (c) => shop.billing.jwksResponse(c.req.raw))
  app.get('/', (c) => c.redirect('/checkout'))
  app.get('/checkout', (c) => form(c, shop, (back) => checkoutPage(back, shop.usage.line())))
  app.post('/checkout', (c) => sell(c, shop, newAccount))
  app.get('/sign-in', (c) => form(c, shop, signInPage))
  app.post('/sign-in', (c) => sell(c, shop, accountName))
  app.post('/sign-out', (c) => {
    deleteCookie(c, cookieName, { path: '/', secure: true })
    return c.redirect('/account', 303)
  })
  app.get('/account', (c) => account(c, shop))
  app.get('/portal', (c) =>
    c.html(textPage('Plans and payment', 'Choose another plan, or credit, at the checkout: the new token counts.')),
  )
  app.get('/support', (c) =>
    c.html(textPage('Support', 'Nobody is here: this is a demo. Quote the "instance" of the refusal.')),
  )
  app.get('/docs/problems', (c) => c.html(problemsPage()))
  return app
}

function form(c: Context, shop: Shop, show: typeof signInPage) {
  const asked = c.req.query('return')
  const back = returnUrl(asked, shop.gate)
  if (asked !== undefined && back === undefined) return badReturn(c)
  const elsewhere = underGatesName(c.req.url, back)
  return elsewhere === undefined ? c.html(show(back)) : c.redirect(elsewhere)
}

/** Issues the token, gives it to the browser, and sends the buyer back or shows it. */
async function sell(c: Context, shop: Shop, nameAccount: (form: FormFields) => string | undefined) {
  const fields: FormFields = await c.req.parseBody()
  const product = productNamed(fields['product'])
  if (product === undefined) return c.html(textPage('Bad request', 'There is no such plan.'), 400)
  const account = nameAccount(fields)
  if (account === undefined)
    return c.html(textPage('Bad request', 'An account name is 1 to 64 letters, digits or ._@-'), 400)
  const asked = fields['return']
  const back = returnUrl(typeof asked === 'string' ? asked : undefined, shop.gate)
  if (asked !== undefined && back === undefined) return badReturn(c)
  const issued =
    product.credit === undefined ? await issue(shop, account, product) : await topUp(c, shop, account, product, back)
  if (issued === undefined) return c.html(textPage('Not bought', 'The gate did not take the credit. Try again.'), 503)
  c.header('cache-control', 'no-store')
  setCookie(c, cookieName, issued.token, {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'Lax',
    maxAge: lifetimeSeconds,
  })
  if (back !== undefined && fields['then'] !== 'show') return c.redirect(back.href, 303)
  return c.html(issuedPage(issued, back?.href ?? exampleFor(shop, product.entitlements)))
}

function playgroundDesk(shop: Shop): Hono {
  return accountRoutes({
    gate: shop.gate,
    issue: async (account) => (await issue(shop, account, { plan: 'Models', entitlements: ['api'] })).token,
    accountOf: async (token) => (await read(shop, token))?.issued.account,
    grant: (account, amount) => grant(shop, account, { amount, currency: 'USD' }, shop.gate),
  })
}

function newAccount(): string {
  return `account-${randomBytes(6).toString('hex')}`
}

/** Tells the gate of the credit that was bought. The buyer keeps the account and plan of the browser's token, where it has one. */
async function topUp(c: Context, shop: Shop, account: string, { plan, credit }: Product, back: URL | undefined) {
  const token = getCookie(c, cookieName)
  const kept = token === undefined ? undefined : await read(shop, token)
  const issued = kept?.issued ?? (await issue(shop, account, { plan, entitlements: [] }))
  const isTaken = credit === undefined || (await grant(shop, issued.account, credit, back ?? shop.gate))
  return isTaken ? issued : undefined
}

/** Returns false if the gate did not take the event. */
async function grant(
  { billing }: Shop,
  account: string,
  credit: { readonly amount: string; readonly currency: string },
  gate: string | URL,
): Promise<boolean> {
  const body = await billing.signEvent({ account, events: { 'credit-granted': credit } })
  const headers = { 'content-type': 'application/secevent+jwt' }
  const told = await fetch(new URL('/__faregate/events', gate), { method: 'POST', headers, body }).catch(
    () => undefined,
  )
  return told?.status === 202
}

type FormFields = Readonly<Record<string, unknown>>

function accountName(fields: FormFields): string | undefined {
  const name = fields['account']
  return typeof name === 'string' && /^[A-Za-z0-9._@-]{1,64}$/.test(name) ? name : undefined
}

function productNamed(name: unknown): Product | undefined {
  return typeof name === 'string' && Object.hasOwn(products, name) ? products[name] : undefined
}

function badReturn(c: Context) {
  return c.html(textPage('Bad request', 'The "return" address is not one of the gate, so nobody is sent there.'), 400)
}

async function issue(shop: Shop, account: string, product: Omit<Product, 'price'>): Promise<Issued> {
  const { plan, entitlements } = product
  const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds
  const token = await shop.billing.signEntitlement({ account, entitlements, plan, lifetimeSeconds })
  return { token, account, plan, expires }
}

/** A page of the gate that these entitlements open, or credit. */
function exampleFor(shop: Shop, entitlements: readonly unknown[]): string {
  const paths: Readonly<Record<string, string>> = { premium: '/articles/1', api: '/api/echo' }
  const opened = Object.keys(paths).find((name) => entitlements.includes(name)) ?? ''
  return new URL(paths[opened] ?? '/reports/1', shop.gate).href
}

/** Shows what the browser has; the cookie is `HttpOnly`, so only a server under the same host name can. */
async function account(c: Context, shop: Shop) {
  c.header('cache-control', 'no-store')
  const token = getCookie(c, cookieName)
  const found = token === undefined ? undefined : await read(shop, token)
  if (found !== undefined) return c.html(issuedPage(found.issued, exampleFor(shop, found.entitlements)))
  const otherName = new URL(c.req.url)
  otherName.hostname = otherName.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
  return c.html(noAccessPage(otherName.href))
}

async function read(shop: Shop, token: string) {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: [...shop.billing.jwks().keys] }), {
      issuer: shop.issuer,
      audience: zoneAudience,
      typ: 'entitlement+jwt',
      algorithms: ['ES256'],
    })
    const { sub = '', plan, exp = 0, entitlements } = payload
    const issued = { token, account: sub, plan: typeof plan === 'string' ? plan : 'none', expires: exp }
    return { issued, entitlements: Array.isArray(entitlements) ? entitlements : [] }
  } catch {
    return undefined
  }
}
