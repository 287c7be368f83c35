import { InvalidClaimsError } from './fault.ts'
import type { EntitlementInput, EventInput, OperatorInput, ReceiptInput, StatusListInput, TokenInput } from './input.ts'

type Members<T> = Readonly<Record<keyof T, true>>

const TOKEN: Members<TokenInput> = { audience: true, lifetimeSeconds: true, notBefore: true, id: true }
const ENTITLEMENT: Members<EntitlementInput> = {
  ...TOKEN,
  account: true,
  entitlements: true,
  plan: true,
  limits: true,
  standing: true,
  status: true,
}
const RECEIPT: Members<ReceiptInput> = {
  ...TOKEN,
  account: true,
  amount: true,
  currency: true,
  resource: true,
  methods: true,
  uses: true,
  passSeconds: true,
  status: true,
}
const OPERATOR: Members<OperatorInput> = { ...TOKEN, scopes: true, subject: true }
const EVENT: Members<EventInput> = { account: true, events: true, at: true, audience: true, id: true }
const LIST: Members<StatusListInput> = {
  uri: true,
  statuses: true,
  bits: true,
  ttlSeconds: true,
  lifetimeSeconds: true,
}

const KNOWN = {
  signEntitlement: ENTITLEMENT,
  signReceipt: RECEIPT,
  signOperator: OPERATOR,
  signEvent: EVENT,
  statusList: LIST,
} as const

/**
 * Throws InvalidClaimsError if an input has a member that is not known: a misspelt one would be left out of the token, and
 * nobody would learn of it.
 */
export function refuseUnknown(method: keyof typeof KNOWN, input: unknown): void {
  if (typeof input !== 'object' || input === null) throw new InvalidClaimsError(`${method}: expected an object.`)
  const known = Object.keys(KNOWN[method])
  const unknownMember = Object.keys(input).find((name) => !known.includes(name))
  if (unknownMember !== undefined)
    throw new InvalidClaimsError(`${unknownMember}: ${method} knows no such member, but ${known.join(', ')}.`)
}
