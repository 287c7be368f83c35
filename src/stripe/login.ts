/** Signs in and sells by Stripe alone: whoever has bought is a customer of Stripe's, and that is the account. */
import { STRIPE_SAYS } from './says.ts'
import { ok, type Result } from '../core/result.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { LoginPlugin, LoginPlatform } from '../endpoints/loginplugin.ts'
import { refund } from '../endpoints/refund.ts'
import { logWarning } from '../log.ts'
import { SIGN_IN_CODE_PATH, signInCode } from '../login/emailcode/endpoint.ts'
import { createMailer, type MailWebhook } from '../login/emailcode/mail.ts'
import { loginEndpoints } from '../login/endpoints.ts'
import type { Login, LoginFault, PortalRequest, Renewal, RenewedSession } from '../rails/login.ts'
import { createStripeClient, type StripeClient } from './api.ts'
import { beginCheckout, refused, NO_ANSWER } from './begin.ts'
import { claimsOf, readCustomer } from './customer.ts'
import { emailAccounts } from './emailaccounts.ts'
import { finishCheckout } from './finish.ts'
import { namesOf, type Selling, STRIPE_ISSUER } from './offers.ts'
import { createPriceReader, describeOffers } from './prices.ts'
import { longestReceiptSeconds } from './selloptions.ts'
import type { StripeApi, StripeSource } from './source.ts'

/** Makes the login that comes with a Stripe account that sells. `sell` and `signIn` are as they were given; `read` gives the checked options. */
export function stripeLogin(sell: unknown, signIn: unknown, read: (bindings: Bindings) => StripeSource): LoginPlugin {
  const longest = longestReceiptSeconds(sell)
  return {
    name: 'stripe',
    issuer: STRIPE_ISSUER,
    bringsIssuer: true,
    endpoints: [...loginEndpoints(), refund(), ...(signIn === undefined ? [] : [signInCode()])],
    rails: ['session', ...(longest > 0 ? ['purchases'] : [])],
    ...(longest > 0 && { longestReceiptSeconds: longest }),
    // The source of events reports those of all its options.
    faults: () => [],
    create(bindings, platform) {
      const { api, selling, mail } = read(bindings)
      if (api === undefined || selling === undefined) throw new TypeError('nothing is sold')
      return createStripeLogin(selling, api, platform, mail)
    },
  }
}

/** Creates the login on one platform. */
export function createStripeLogin(
  selling: Selling,
  { url, key }: StripeApi,
  { clock, fetch }: LoginPlatform,
  mail?: MailWebhook,
): Login {
  const warn = (problem: string): void => logWarning({ stripe: 'API', problem })
  const api = createStripeClient({ url, key }, fetch, warn)
  const readPrice = createPriceReader(clock)
  return {
    name: 'stripe',
    issuer: STRIPE_ISSUER,
    offers: namesOf(selling.offers),
    signsIn: mail !== undefined,
    isSilent: false,
    describeOffers: () => describeOffers(selling.offers, readPrice, api),
    begin: (asked, { zone }) => beginCheckout(asked, { api, readPrice, selling }, zone, clock()),
    finish: (back, context) => finishCheckout(back, { api, selling, clock }, context),
    renew: (session) => renew(session, selling, api, clock()),
    portal: (asked) => openPortal(asked, api),
    ...(mail && {
      signInPath: SIGN_IN_CODE_PATH,
      emailCodes: { ...emailAccounts({ api, selling, clock }), send: createMailer(mail, { clock, fetch }) },
    }),
  }
}

/** Asks Stripe for the customer anew. One that was deleted there has no account any more. */
async function renew(
  { account }: RenewedSession,
  { offers }: Selling,
  api: StripeClient,
  now: number,
): Promise<Renewal> {
  const customer = await readCustomer(account, offers, api, now / 1000)
  if (!customer.ok) return { kind: 'unavailable' }
  return customer.value.isDeleted ? { kind: 'ended' } : { kind: 'renewed', claims: claimsOf(customer.value) }
}

/** Makes a page of Stripe's customer portal, for one visit. */
async function openPortal({ account, to }: PortalRequest, api: StripeClient): Promise<Result<string, LoginFault>> {
  // A page is for one visit: each is made anew.
  const key = crypto.randomUUID()
  const made = await api.post('/v1/billing_portal/sessions', { customer: account, return_url: to }, key)
  if (!made.ok) {
    return made.error.kind === 'unavailable' ? NO_ANSWER : refused(STRIPE_SAYS.noPortal)
  }
  const url = made.value.get('url')
  return typeof url === 'string' ? ok(url) : NO_ANSWER
}
