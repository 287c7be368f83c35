import type { Reason } from '../../core/problem.ts'

/** What a reader of the help page is told. */
export interface HelpWords {
  readonly [group: string]: Readonly<Record<string, string>>
  readonly problems: Readonly<
    Record<'heading' | 'intro' | 'reference' | 'programs' | 'values' | 'status' | 'home' | GroupName, string>
  >
  /** The name of each problem. */
  readonly problemTitles: Readonly<Record<Reason, string>>
  /** Why it happens. */
  readonly causes: Readonly<Record<Reason, string>>
  /** What ends it. */
  readonly cures: Readonly<Record<Reason, string>>
}

/** The parts of the page. */
export type GroupName = 'access' | 'account' | 'payment' | 'request' | 'site'

const SITE_CURE = 'Try again in a moment. If it stays like this, write to the site with the reference of the page.'

/** English. */
export const helpWordsEn: HelpWords = {
  problems: {
    heading: 'Why a page did not open',
    intro: 'Each reason, why it happens, and what ends it. Whoever is refused is not charged.',
    reference:
      'If you write to the site, name the reference at the end of the page that you saw: with it, they find what happened.',
    programs: 'The gray lines are for programs.',
    values: 'URL is the address that was refused; PROOF is what the site gave you to show that you may read it.',
    status: 'status {status}',
    home: 'Go to the home page',
    access: 'Your access',
    account: 'Your account',
    payment: 'What was paid for',
    request: 'What was sent',
    site: 'The site itself',
  },
  problemTitles: {
    'payment-required': 'This page is paid for',
    'credential-malformed': 'The proof of access cannot be read',
    'credential-ambiguous': 'There is more than one proof of access',
    'credential-invalid': 'The proof of access is not accepted here',
    'credential-not-yet-valid': 'The access has not begun',
    'credential-expired': 'The access has ended',
    'subscription-inactive': 'The subscription has ended',
    'payment-declined': 'The last payment did not go through',
    'credit-insufficient': 'The credit is too low',
    'entitlement-insufficient': 'The plan does not include this',
    'usage-limit-reached': 'The plan is used up for now',
    'too-many-requests': 'Too much in a short time',
    'payment-spent': 'The payment has been used',
    'payment-insufficient': 'The payment was for something else',
    'security-hold': 'The account is being checked',
    'origin-not-allowed': 'Another site may not use this',
    'not-for-sale': 'This is not for sale',
    'not-found': 'There is no such page',
    'model-not-found': 'There is no such model here',
    'idempotency-conflict': 'The same key was sent before',
    'method-not-allowed': 'This cannot be done here',
    'request-malformed': 'The request did not come whole',
    'request-timeout': 'The request took too long',
    'content-too-large': 'Too much was sent',
    'content-encoding-unsupported': 'The content is compressed in an unknown way',
    'target-ambiguous': 'The address can be read in two ways',
    'host-unknown': 'There is no such site here',
    'prefetch-declined': 'The page was only fetched ahead',
    overloaded: 'Too many are here right now',
    'keys-unavailable': 'Your access cannot be checked right now',
    'standing-unavailable': 'Your account cannot be checked right now',
    'payments-unavailable': 'Payments cannot be taken right now',
    'settlement-unknown': 'It is not known whether a payment went through',
    'ledger-unavailable': 'Nothing can be counted right now',
    misconfigured: 'The site is not set up right',
    'origin-unreachable': 'The site does not answer',
    'origin-timeout': 'The site answers too late',
    'internal-error': 'Something here is broken',
  },
  causes: {
    'payment-required':
      'The page is for readers who pay, and the request shows no proof of that. After a link from another site, a click on the page itself may be missing.',
    'credential-malformed': 'What was sent to show your access was cut off, or changed on its way.',
    'credential-ambiguous': 'Two were sent in one place, so it is not clear which one counts.',
    'credential-invalid':
      'It was made for another site, by someone who is not known here, or it was changed afterwards. The member "check" of the answer says which.',
    'credential-not-yet-valid': 'It is good from a later time on. Or the clock of whoever made it is wrong.',
    'credential-expired': 'What you signed in with is good for a time, and that time is over.',
    'subscription-inactive': 'It was cancelled, or it was not renewed.',
    'payment-declined': 'Your bank or card did not pay what was due.',
    'credit-insufficient': 'What is left of your credit is less than the price. A debt is paid first.',
    'entitlement-insufficient': 'You have a plan, and this page is part of another one.',
    'usage-limit-reached': 'Your plan has a number of views or units for a day or a month, and they are used up.',
    'too-many-requests':
      'A plan or a site bounds how much is asked in a minute. Or other requests of the account have reserved what is left.',
    'payment-spent': 'What you bought opens a number of times, and it has been opened as often.',
    'payment-insufficient': 'You have paid, for another page or another amount.',
    'security-hold': 'Something unusual was seen, so somebody looks at it. Paying does not end that.',
    'origin-not-allowed': 'The request came from a page of another site, which this site does not list.',
    'not-for-sale': 'Nothing that is sold here opens it.',
    'not-found': 'It was moved or taken away, or the address has a typing error.',
    'model-not-found': 'The language model in the request is not offered on this site.',
    'idempotency-conflict': 'The Idempotency-Key belongs to another request, or the first one is still being answered.',
    'method-not-allowed': 'The site does not take this kind of request at this address.',
    'request-malformed': 'It broke off, or it has content where none belongs.',
    'request-timeout': 'The content had to be read, and did not come in time.',
    'content-too-large': 'The content had to be read, and is over the limit.',
    'content-encoding-unsupported': 'The content had to be read, and only gzip and deflate are read here.',
    'target-ambiguous': 'It has characters such as a backslash or "%2e%2e", which servers read differently.',
    'host-unknown': 'No site with this host name is served here.',
    'prefetch-declined': 'Your browser loaded it before you asked for it. That is never charged, so it was not sent.',
    overloaded: 'As many requests as possible are being answered.',
    'keys-unavailable': 'The keys of whoever signs you in cannot be had. It is not your fault.',
    'standing-unavailable': 'Whether your subscription still runs cannot be read. It is not your fault.',
    'payments-unavailable': 'Whoever takes payments for the site gives no answer. Nothing was paid.',
    'settlement-unknown': 'A payment was sent, and its outcome has not arrived.',
    'ledger-unavailable': 'What you use cannot be recorded, so nothing is opened. It is not your fault.',
    misconfigured: 'A setting of the site is wrong. The people who run it find it in their log.',
    'origin-unreachable': 'No server of the site could be reached.',
    'origin-timeout': 'A server of the site took too long.',
    'internal-error': 'A fault in the program that guards the page. It is not yours.',
  },
  cures: {
    'payment-required': 'Buy it or sign in, on the page itself. A program sends its proof of access in Authorization.',
    'credential-malformed': 'Sign in again. A program sends it exactly as it was given: one line, without quotes.',
    'credential-ambiguous': 'Sign out and in again. A program sends one, in one field.',
    'credential-invalid': 'Sign in again, on this site. A program gets a new one from the account.',
    'credential-not-yet-valid': 'Wait until then. "Retry-After" says how many seconds that is.',
    'credential-expired': 'Sign in again. A program gets a new one from the account.',
    'subscription-inactive': 'Subscribe again. If you have paid, write to the site with the reference.',
    'payment-declined': 'Give another card or account, or ask your bank.',
    'credit-insufficient': 'Top up. The answer says what is left and what was needed.',
    'entitlement-insufficient': 'Change to a plan that includes it. The answer names what opens it.',
    'usage-limit-reached': 'Wait until the next day or month, or change to a larger plan. "Retry-After" says how long.',
    'too-many-requests': 'Wait as long as "Retry-After" says: a minute at most. Nothing needs to be paid.',
    'payment-spent': 'Buy it again.',
    'payment-insufficient': 'Buy this page. What you have paid stays good for what it was for.',
    'security-hold': 'Write to the site with the reference. Your money is safe.',
    'origin-not-allowed': 'Use it from a program, or from a site that this site lists.',
    'not-for-sale': 'There is nothing to buy. If you think that you should read it, write to the site.',
    'not-found': 'Check the address, or look for the page on the home page.',
    'model-not-found': 'Ask for a model that the answer names, spelled exactly so.',
    'idempotency-conflict': 'Wait and send the same request again, or give a new request a key of its own.',
    'method-not-allowed': 'Use a method that the field "Allow" of the answer names.',
    'request-malformed': 'Send it again, whole. Send content with POST, and none with GET.',
    'request-timeout': 'Send it again, without long pauses.',
    'content-too-large': 'Send less, or leave out the Idempotency-Key.',
    'content-encoding-unsupported': 'Send it uncompressed, or with gzip.',
    'target-ambiguous': 'Write the address in its plain form.',
    'host-unknown': 'Check the address. Whoever runs the site adds the name to its hosts.',
    'prefetch-declined': 'Open the page.',
    overloaded: 'Try again in a moment, as "Retry-After" says.',
    'keys-unavailable': SITE_CURE,
    'standing-unavailable': SITE_CURE,
    'payments-unavailable': SITE_CURE,
    'settlement-unknown': 'Do not pay again. Open the page once more in a moment: the same payment is asked about.',
    'ledger-unavailable': SITE_CURE,
    misconfigured: SITE_CURE,
    'origin-unreachable': SITE_CURE,
    'origin-timeout': SITE_CURE,
    'internal-error': SITE_CURE,
  },
}
