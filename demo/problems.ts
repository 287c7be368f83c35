import { html } from 'hono/html'
import { type Reason, REASONS } from '../src/core/problem.ts'
import { page } from './page.ts'

/** What each reason means to the one who meets it. The gate's own table says which reasons there are. */
const meanings: Readonly<Record<Reason, string>> = {
  'payment-required': 'The request carried no credential. Buy access or sign in, then try again.',
  'credential-malformed':
    'What was sent as a credential is not one well-formed token. Send it exactly as it was issued.',
  'credential-ambiguous': 'There was more than one credential in one place. Send one.',
  'credential-invalid':
    'The token is well-formed, but its signature, algorithm, issuer, audience, type, key or lifetime is not accepted here.',
  'credential-not-yet-valid': 'The token is valid from a later time on. Wait, and check the clock that issued it.',
  'credential-expired': 'The token was good until it expired. Get a new one from your account.',
  'subscription-inactive': 'The subscription has ended, or the token was revoked. Subscribe again.',
  'payment-declined': 'The last payment failed. Update the payment.',
  'credit-insufficient': 'The prepaid credit of the account is too low for this request. Top up.',
  'usage-limit-reached': 'A quota of the plan is used up. Upgrade, or wait as long as Retry-After says.',
  'entitlement-insufficient': 'The credential is genuine but does not cover this page, and another plan does. Upgrade.',
  'payment-insufficient': "The receipt's amount, currency, resource or method does not cover this request.",
  'payment-spent': 'The receipt was used already. Each buys what it says and no more.',
  'security-hold': 'The account or the token is held for review. Paying does not lift this; support does.',
  'not-found': 'There is no such page, so nothing is on sale there. Check the address.',
  'not-for-sale': 'Nothing on sale would cover this page.',
  'model-not-found': 'No language model of this id is on sale here. The answer names the nearest ids.',
  'too-many-requests': 'Too many requests in a short time. Wait as long as Retry-After says.',
  'idempotency-conflict': 'The Idempotency-Key was used for another request, or that request is still under way.',
  'target-ambiguous': 'The gate and the origin might read this address differently. Send it in its plain form.',
  'method-not-allowed': 'The method is not answered here.',
  'request-malformed': 'Where the request ends, or what it means, cannot be told. Send it in its plain form.',
  'request-timeout': 'The body of the request must be read, and did not come in time.',
  'content-too-large': 'The body of the request must be read, and is over the limit.',
  'content-encoding-unsupported':
    'The body of the request must be read, and is compressed in a way that is not read here.',
  'host-unknown': 'No site with this host name is served here.',
  'prefetch-declined': 'The page was only fetched ahead, which would have been charged. Open it.',
  overloaded: 'The gate has too much to hold at once. Nothing was charged. Try again.',
  'keys-unavailable':
    "The keys that verify tokens could not be had, so the token could not be checked. Not the client's fault.",
  'standing-unavailable':
    "The issuer's status list could not be had, so it is not known whether the token was revoked. Not the client's fault.",
  'ledger-unavailable': "Usage could not be recorded, so nothing was served. Not the client's fault.",
  'payments-unavailable': "Payments cannot be checked now. Nothing was charged. Not the client's fault.",
  'settlement-unknown':
    'It is not known whether the payment has moved money. Send the same payment again. Do not pay again.',
  misconfigured: "The gate's own configuration has a fault.",
  'origin-unreachable': 'No server behind the gate answered. Nothing was charged.',
  'origin-timeout': 'The server behind the gate took too long. Nothing was charged.',
  'internal-error': 'A fault in the gate. Nothing was served and nothing was charged.',
}

/** The page that the `type` of a problem document leads to: one anchor for each reason. */
export function problemsPage() {
  const sections = (Object.keys(REASONS) as Reason[]).map((reason) => {
    const { status, title } = REASONS[reason]
    return html`<section id="${reason}">
      <h2>${title}</h2>
      <p><code>${reason}</code>, status ${status}</p>
      <p>${meanings[reason]}</p>
    </section>`
  })
  return page('Why a request was refused', html`${sections}`)
}
