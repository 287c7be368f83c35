import type { Standing } from '../access/entitlement.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Statement } from '../standing/rules/standing.ts'

export type Metadata = ReadonlyMap<string, unknown>

/** An event of Stripe's that says something about an account. */
export interface StripeEvent {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly customer: string
  /** Of what it is about, the nearest first: an invoice before its subscription. */
  readonly metadata: readonly Metadata[]
  readonly about: 'standing' | 'entitlements'
  /** What it says by itself; undefined where the list of entitlements in it is not the whole list. */
  readonly word: Statement | undefined
}

export interface Subscription {
  readonly standing: Standing
  /** Its own, and that of its customer where it is there. */
  readonly metadata: readonly Metadata[]
}

/**
 * What an event says, from its JSON; undefined where it is nothing to us: one of API v2, which is of another form and none of
 * ours, another type, an invoice of no subscription, no customer, or an account connected to ours, whose customers are not
 * our accounts. What is nothing to us is not looked at any further.
 */
export function readStripeEvent(value: unknown): Result<StripeEvent | undefined, 'malformed'> {
  const event = fieldsOf(value)
  const kind = textOf(event?.get('object'))
  if (event === undefined || kind === undefined) return err('malformed')
  if (kind !== 'event') return ok(undefined)
  const type = textOf(event.get('type'))
  if (type === undefined) return err('malformed')
  if (!isUsed(type)) return ok(undefined)
  const id = textOf(event.get('id'))
  const created = event.get('created')
  const data = fieldsOf(event.get('data'))
  const object = fieldsOf(data?.get('object'))
  if (id === undefined || object === undefined) return err('malformed')
  if (typeof created !== 'number' || !Number.isSafeInteger(created) || created < 0) return err('malformed')
  const customer = idOf(type === CUSTOMER_DELETED ? object.get('id') : object.get('customer'))
  if (event.has('account') || customer === undefined) return ok(undefined)
  const known = { id, created, customer, metadata: metadataOf(object) }
  const said = { type, created, object, before: fieldsOf(data?.get('previous_attributes')) }
  if (type === ENTITLEMENTS) return entitlementsEvent(known, said)
  const word = standingWord(said)
  if (!word.ok) return word
  return ok(word.value === undefined ? undefined : { ...known, about: 'standing', word: word.value })
}

/** With whom all their subscriptions end. What named their account is in this event, and can no longer be asked for. */
const CUSTOMER_DELETED = 'customer.deleted'
const SUBSCRIPTION = 'customer.subscription.'
const SUBSCRIPTION_DELETED = 'customer.subscription.deleted'
const ENTITLEMENTS = 'entitlements.active_entitlement_summary.updated'

function isUsed(type: string): boolean {
  if (type === CUSTOMER_DELETED || type === ENTITLEMENTS || INVOICE_TYPES.has(type)) return true
  return type.startsWith(SUBSCRIPTION) && SUBSCRIPTION_TYPES.has(type.slice(SUBSCRIPTION.length))
}

interface Said {
  readonly type: string
  readonly created: number
  readonly object: StripeFields
  /** What an update changed, as it was before. */
  readonly before: StripeFields | undefined
}

function standingWord(said: Said): Result<Statement | undefined, 'malformed'> {
  const { type, created } = said
  if (type === CUSTOMER_DELETED) return ok({ kind: 'standing', at: created, standing: 'inactive' })
  return type.startsWith(SUBSCRIPTION) ? subscriptionWord(said) : invoiceWord(said)
}

/** What happened to a subscription, and whether that is by itself a change of its status. */
const SUBSCRIPTION_TYPES = new Map([
  ['created', true],
  ['updated', false],
  ['deleted', true],
  ['paused', true],
  ['resumed', true],
  ['pending_update_applied', false],
  ['pending_update_expired', false],
])

function subscriptionWord({ type, created, object, before }: Said): Result<Statement | undefined, 'malformed'> {
  const isChange = SUBSCRIPTION_TYPES.get(type.slice(SUBSCRIPTION.length))
  if (isChange === undefined) return ok(undefined)
  const id = textOf(object.get('id'))
  const status = textOf(object.get('status'))
  if (id === undefined || status === undefined) return err('malformed')
  const yields = status === 'incomplete' || !(isChange || before?.has('status') === true)
  const at = timeOf(created, yields)
  const hasEnded = type === SUBSCRIPTION_DELETED || ENDS.has(status)
  return ok({ kind: 'subscription', id, at, standing: hasEnded ? 'inactive' : standingOf(status), hasEnded })
}

/** Of these a subscription never comes back: who subscribes again has a new one. */
const ENDS: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired'])

function invoiceWord({ type, created, object }: Said): Result<Statement | undefined, 'malformed'> {
  const standing = INVOICE_TYPES.get(type)
  const id = subscriptionOf(object)
  if (standing === undefined || id === undefined) return ok(undefined)
  const yields = standing === 'past-due' && object.get('billing_reason') === 'subscription_create'
  return ok({ kind: 'subscription', id, at: timeOf(created, yields), standing, hasEnded: false })
}

const INVOICE_TYPES: ReadonlyMap<string, Standing> = new Map([
  ['invoice.paid', 'active'],
  ['invoice.payment_failed', 'past-due'],
  ['invoice.payment_action_required', 'past-due'],
])

/**
 * Stripe's times are whole seconds, and within one a subscription is made (`incomplete`) and paid. Of two statements at the
 * same time the stricter counts, and the buyer would stay out. So what begins unpaid, or only repeats a status, is taken
 * to have been so the second before: it yields to what changed in its own second, whatever comes first. A real change keeps
 * its time, and with it the rule that the stricter counts, against other changes and against a token of that second.
 */
function timeOf(created: number, yields: boolean): number {
  return yields ? created - 1 : created
}

/** A status that we do not know opens nothing. */
export function standingOf(status: string): Standing {
  return STATUSES.get(status) ?? 'inactive'
}

const STATUSES: ReadonlyMap<string, Standing> = new Map([
  ['active', 'active'],
  ['trialing', 'active'],
  ['past_due', 'past-due'],
  ['unpaid', 'past-due'],
  ['incomplete', 'past-due'],
])

/** The id of the subscription that the invoice is for, in this version of the API (`parent`), and before 2025-03-31. */
function subscriptionOf(invoice: StripeFields): string | undefined {
  const details = fieldsOf(fieldsOf(invoice.get('parent'))?.get('subscription_details'))
  return idOf(details?.get('subscription')) ?? idOf(invoice.get('subscription'))
}

function entitlementsEvent(
  known: Omit<StripeEvent, 'about' | 'word'>,
  { created, object }: Said,
): Result<StripeEvent, 'malformed'> {
  const page = readPage(object.get('entitlements'))
  const names = page?.items.map(readLookupKey)
  if (page === undefined || names === undefined || !names.every((name) => name !== undefined)) return err('malformed')
  const word: Statement | undefined = page.hasMore ? undefined : { kind: 'entitlements', at: created, names }
  return ok({ ...known, about: 'entitlements', word })
}

/** One page of a list of Stripe's. */
export interface Page {
  readonly items: readonly unknown[]
  readonly hasMore: boolean
}

export function readPage(value: unknown): Page | undefined {
  const list = fieldsOf(value)
  const [items, hasMore] = [list?.get('data'), list?.get('has_more')]
  return Array.isArray(items) && typeof hasMore === 'boolean' ? { items, hasMore } : undefined
}

export function readLookupKey(entitlement: unknown): string | undefined {
  return textOf(fieldsOf(entitlement)?.get('lookup_key'))
}

export function readSubscription(value: unknown): Subscription | undefined {
  const fields = fieldsOf(value)
  const status = textOf(fields?.get('status'))
  if (fields === undefined || status === undefined) return undefined
  return { standing: standingOf(status), metadata: metadataOf(fields) }
}

/** The best of them opens the door; who has none has no subscription. */
export function bestStanding(standings: readonly Standing[]): Standing {
  if (standings.includes('active')) return 'active'
  return standings.includes('past-due') ? 'past-due' : 'inactive'
}

/** The account by a field of metadata: the first that has one. */
export function accountIn(metadata: readonly Metadata[], field: string): string | undefined {
  for (const fields of metadata) {
    const account = fields.get(field)
    // Longer than any id: passed over, it would be taken for another account.
    if (typeof account === 'string' && account !== '') return account
  }
  return undefined
}

/** The metadata of an object, of the subscription that an invoice is for, and of the customer where it is all there. */
export function metadataOf(object: StripeFields): Metadata[] {
  const details = fieldsOf(fieldsOf(object.get('parent'))?.get('subscription_details'))
  const places = [object, details, fieldsOf(object.get('subscription_details')), fieldsOf(object.get('customer'))]
  return places.flatMap((place) => fieldsOf(place?.get('metadata')) ?? [])
}

export type StripeFields = ReadonlyMap<string, unknown>

export function fieldsOf(value: unknown): StripeFields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

/** An object is named by its id, or is there itself. */
export function idOf(value: unknown): string | undefined {
  return textOf(typeof value === 'string' ? value : fieldsOf(value)?.get('id'))
}

const MAX_TEXT = 255

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : undefined
}
