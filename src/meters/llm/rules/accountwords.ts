/**
 * Tells what a provider says of a request from what it says of the account that sent it: the operator's, under whose key all are
 * served. Some say both with the status 400: that credit has run out (Anthropic), that a key is wrong (Gemini), that a hard limit of
 * spending has been reached (OpenAI).
 */

/** `pass`: its client may read `text`. `account`: it is about the operator's account. `unread`: it is too long, or does not end. */
export type FaultVerdict = { readonly kind: 'pass'; readonly text: string } | { readonly kind: 'account' | 'unread' }

const OF_ACCOUNTS = new RegExp(
  [
    'credit balance is too low',
    'billing_(?:hard_limit_reached|error|not_active)',
    'insufficient_quota',
    '(?:enforced|contract)_spend_limit_reached',
    'API_KEY_(?:INVALID|SERVICE_BLOCKED)',
    'API key (?:not valid|expired)',
    'invalid_api_key',
    'organi[sz]ation must be verified',
    'enable billing on your project',
  ].join('|'),
  'i',
)

/** Names of organisations, projects and workspaces, and keys, whole or with their middle left out. */
const NAMES =
  /\b(?:sk-[\w*.-]{4,}|org-\w{6,}|proj_\w{6,}|wrkspc_\w{6,}|AIza[\w*.-]{4,}|projects\/[\w-]+|bce-v3\/[\w*./-]+)/g

/** Judges the text of an error. What names the operator's account in it is left out. */
export function operatorAccountFault(text: string): FaultVerdict {
  return OF_ACCOUNTS.test(text) ? { kind: 'account' } : { kind: 'pass', text: text.replaceAll(NAMES, '…') }
}
