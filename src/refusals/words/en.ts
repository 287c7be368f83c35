import type { Reason } from '../../core/problem.ts'

/** The words of a refusal on a page, by groups: its reason, or a part of the page. `{name}` is filled in. */
type RefusalPhrases = Record<Reason | 'actions' | 'notes' | 'offers' | 'units', Readonly<Record<string, string>>>

const SIGN_IN_AGAIN = {
  heading: 'Please sign in again',
  text: 'Your sign-in on this device no longer works. Nothing was charged.',
}
const UNKNOWN = {
  heading: 'We cannot check your access right now',
  text: 'The fault is ours, not yours. Nothing was charged, and nothing is lost.',
}
const NO_ANSWER = {
  heading: 'The site does not answer',
  text: 'The page could not be fetched. Nothing was charged.',
}

/** English. */
export const refusalWordsEn = {
  'payment-required': {
    heading: 'Keep reading with {offer}',
    article: 'This article is for subscribers.',
    page: 'This page is for subscribers.',
    pricedArticle: 'This article costs {price}.',
    pricedPage: 'This page costs {price}.',
    pricedAlone: 'By itself it costs {price}.',
    unpricedArticle: 'This article is for readers who pay for it.',
    unpricedPage: 'This page is for readers who pay for it.',
    viewsOfArticles: 'You have read {quota} of {quota} free articles. You can read new ones from {resets}.',
    views: 'You have read {quota} of {quota} free pages. You can read new ones from {resets}.',
    reopenHeading: 'One more click',
    reopen: 'You came here from another site, so nothing has been counted yet. Open the page to read it.',
    reopenOften: 'You have opened this as often as one payment allows. Open it again to go on.',
  },
  'credential-malformed': SIGN_IN_AGAIN,
  'credential-ambiguous': SIGN_IN_AGAIN,
  'credential-invalid': SIGN_IN_AGAIN,
  'credential-not-yet-valid': {
    heading: 'Just a moment',
    text: 'Your access begins on {from}. Nothing was charged.',
    textAlone: 'Your access has not begun yet. Nothing was charged.',
  },
  'credential-expired': {
    heading: 'Please sign in again',
    text: 'Your access on this device ended on {until}. Nothing was charged.',
    textAlone: 'Your access on this device has ended. Nothing was charged.',
    payment: 'Renew',
  },
  'subscription-inactive': {
    heading: 'Your subscription has ended',
    text: 'Subscribe again to go on reading.',
    payment: 'Subscribe again',
  },
  'payment-declined': {
    heading: 'Your last payment did not go through',
    text: 'Once your payment is up to date, you can go on reading.',
    portal: 'Update your payment',
    headingOfPayment: 'Your payment did not go through',
    textOfPayment: 'Nothing was charged. You can try again, or pay in another way.',
  },
  'credit-insufficient': {
    heading: 'Your credit is too low for this',
    text: 'You have {balance}, and this costs {price}. Nothing was charged.',
    textAlone: 'Nothing was charged. Top up to go on.',
    left: 'You have {balance}. Nothing was charged.',
    debt: 'You owe {debt}, which your next payment settles first.',
    payment: 'Top up',
    portal: 'Top up in your account',
  },
  'usage-limit-reached': {
    heading: 'You have used {used} of {quota} {unit}',
    headingAlone: 'Your plan is used up for now',
    text: 'You can go on from {resets}, in {wait}. Nothing was charged.',
    textAlone: 'Nothing was charged.',
    payment: 'Upgrade',
    portal: 'Change your plan',
  },
  'too-many-requests': {
    heading: 'One moment, please',
    text: 'Too much was opened in a short time. Nothing was charged.',
  },
  'entitlement-insufficient': {
    heading: 'This is part of {offer}',
    headingAlone: 'Your plan does not include this',
    text: 'Your plan “{plan}” does not include it. Nothing was charged.',
    textAlone: 'What you have bought does not include it. Nothing was charged.',
    payment: 'Upgrade',
    portal: 'Change your plan',
  },
  'payment-spent': {
    heading: 'This payment has been used',
    text: 'Each payment opens what it was made for, as often as was agreed. Nothing was charged again.',
    payment: 'Buy again',
  },
  'payment-insufficient': {
    heading: 'Your payment covers something else',
    text: 'It was for {resource}. Nothing was charged.',
    textAlone: 'It does not open this page. Nothing was charged.',
    payment: 'Buy this',
  },
  'security-hold': {
    heading: 'We are checking this account',
    text: 'Something unusual was seen. Your money is safe, and you need not buy anything. Unless we find something, it ends by itself on {until}. If you have questions, please give us the reference below.',
    textAlone:
      'Somebody is looking into it. Your money is safe, and you need not buy anything. If you have questions, please give us the reference below.',
  },
  'not-found': {
    heading: 'This page does not exist',
    text: 'It may have moved or been removed. There is nothing to pay for.',
  },
  'origin-not-allowed': {
    heading: 'Another site may not use this',
    text: 'A page of another site has sent this request. Nothing was charged.',
  },
  'not-for-sale': { heading: 'This page is not for sale', text: 'Nothing that you can buy here opens it.' },
  'model-not-found': {
    heading: 'There is no such model here',
    text: 'The model that was asked for is not on sale here.',
  },
  'idempotency-conflict': {
    heading: 'This was sent before',
    text: 'The same request was sent already. Nothing was charged a second time.',
  },
  'method-not-allowed': { heading: 'This cannot be done here', text: 'Nothing was changed, and nothing was charged.' },
  'request-malformed': {
    heading: 'This did not arrive whole',
    text: 'What was sent could not be read. Nothing was charged.',
  },
  'request-timeout': {
    heading: 'This took too long',
    text: 'What was sent did not arrive in time. Nothing was charged.',
  },
  'content-too-large': { heading: 'This is too large', text: 'More was sent than is taken here. Nothing was charged.' },
  'content-encoding-unsupported': {
    heading: 'This cannot be read here',
    text: 'What was sent is compressed in a way that is not read here. Nothing was charged.',
  },
  'target-ambiguous': { heading: 'Please check the address', text: 'It can be read in more than one way.' },
  'host-unknown': { heading: 'There is no such site here', text: 'Please check the address.' },
  'prefetch-declined': {
    heading: 'Open this page to read it',
    text: 'Your browser fetched it ahead of time. Nothing was charged.',
  },
  'temporarily-closed': {
    heading: 'This is closed for a time',
    text: 'It will be back. Nothing was charged.',
  },
  overloaded: { heading: 'One moment, please', text: 'Many people are reading here right now. Nothing was charged.' },
  'keys-unavailable': UNKNOWN,
  'standing-unavailable': UNKNOWN,
  'ledger-unavailable': UNKNOWN,
  'payments-unavailable': {
    heading: 'We cannot take payments right now',
    text: 'The fault is ours, not yours. Nothing was charged.',
  },
  'settlement-unknown': {
    heading: 'We do not know yet if your payment arrived',
    text: 'Please do not pay again. We ask again as soon as you open this page again.',
  },
  misconfigured: {
    heading: 'This page is not ready yet',
    text: 'Something here is not set up right. Nothing was charged.',
  },
  'origin-unreachable': NO_ANSWER,
  'origin-timeout': NO_ANSWER,
  'internal-error': {
    heading: 'Something went wrong here',
    text: 'The fault is ours, not yours. Nothing was charged.',
  },
  offers: {
    every: 'per {period}',
    renews: 'Renews every {period}.',
    renewsUntilCancelled: 'Renews every {period} until you cancel, at any time in your account.',
    once: 'Paid once. Nothing renews.',
    subscribe: 'Subscribe',
    buy: 'Buy',
  },
  actions: {
    payment: 'Buy access',
    'sign-in': 'Sign in',
    portal: 'Manage your subscription',
    account: 'Your account',
    support: 'Contact support',
    help: 'What does this mean?',
    home: 'Go to the home page',
    again: 'Try again now',
    open: 'Open the page',
    status: 'Check again',
  },
  notes: {
    signIn: 'Have you bought this already?',
    comeBack: 'Afterwards you come back to this page.',
    tryingAgain: 'This page tries again by itself.',
    reference: 'If you write to us, please give this reference:',
  },
  units: { requests: 'page view|page views' },
} satisfies RefusalPhrases

/** The words of one language. */
export type RefusalWords = typeof refusalWordsEn
