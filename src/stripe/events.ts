/**
 * Reads Stripe's events. An event is a snapshot of one object, and the gate needs statements about accounts.
 *
 * Events arrive in any order and more than once, their times are whole seconds, and several concern one subscription within
 * the same second. This module reads the customer, the metadata with the account's name, and the event's own statement.
 * `standing.ts` decides whether that statement counts or Stripe is asked for the current state.
 */
import type { Standing } from '../access/entitlement.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Statement } from '../standing/rules/standing.ts'

export type Metadata = ReadonlyMap<string, unknown>

/** An event of Stripe's about an account. */
export interface StripeEvent {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly customer: string
  /** The metadata of the objects in the event, the nearest first: an invoice before its subscription. */
  readonly metadata: readonly Metadata[]
  readonly about: 'standing' | 'entitlements'
  /** The statement that the event alone supports. Undefined if it holds a part of a list of entitlements. */
  readonly statement: Statement | undefined
}

export interface Subscription {
  readonly standing: Standing
  /** The subscription's own metadata, then its customer's if the response includes the customer. */
  readonly metadata: readonly Metadata[]
}

/**
 * Reads an event from its JSON. Returns undefined for an event that concerns no account here: an event of API v2, which has
 * another form; another type; an invoice without subscription; an event without customer; an event of a connected account,
 * whose customers are not accounts here. Such an event is not validated further.
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
  const identity = { id, created, customer, metadata: metadataOf(object) }
  const facts = { type, created, object, before: fieldsOf(data?.get('previous_attributes')) }
  if (type === ENTITLEMENTS) return entitlementsEvent(identity, facts)
  const statement = standingStatement(facts)
  if (!statement.ok) return statement
  return ok(statement.value === undefined ? undefined : { ...identity, about: 'standing', statement: statement.value })
}

/**
 * Ends all subscriptions of a customer. The event carries the metadata that names the account; afterwards Stripe cannot be
 * asked for it.
 */
const CUSTOMER_DELETED = 'customer.deleted'
const SUBSCRIPTION = 'customer.subscription.'
const SUBSCRIPTION_DELETED = 'customer.subscription.deleted'
const ENTITLEMENTS = 'entitlements.active_entitlement_summary.updated'

function isUsed(type: string): boolean {
  if (type === CUSTOMER_DELETED || type === ENTITLEMENTS || INVOICE_TYPES.has(type)) return true
  return type.startsWith(SUBSCRIPTION) && SUBSCRIPTION_TYPES.has(type.slice(SUBSCRIPTION.length))
}

interface EventFacts {
  readonly type: string
  readonly created: number
  readonly object: StripeFields
  /** The previous values of the members that an update changed. */
  readonly before: StripeFields | undefined
}

function standingStatement(facts: EventFacts): Result<Statement | undefined, 'malformed'> {
  const { type, created } = facts
  if (type === CUSTOMER_DELETED) return ok({ kind: 'standing', at: created, standing: 'inactive' })
  return type.startsWith(SUBSCRIPTION) ? subscriptionStatement(facts) : invoiceStatement(facts)
}

/** The events of a subscription, and whether each by itself means a change of status. */
const SUBSCRIPTION_TYPES = new Map([
  ['created', true],
  ['updated', false],
  ['deleted', true],
  ['paused', true],
  ['resumed', true],
  ['pending_update_applied', false],
  ['pending_update_expired', false],
])

function subscriptionStatement({
  type,
  created,
  object,
  before,
}: EventFacts): Result<Statement | undefined, 'malformed'> {
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

/** The final statuses. A subscription never leaves them: a returning subscriber has a new one. */
const ENDS: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired'])

function invoiceStatement({ type, created, object }: EventFacts): Result<Statement | undefined, 'malformed'> {
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
 * Returns the time of a statement. Stripe's times are whole seconds, and within one second a subscription is created
 * (`incomplete`) and paid. Of two statements at one time the stricter counts, and the buyer would stay out. A statement that
 * begins unpaid, or only repeats a status, is therefore dated one second earlier: it yields to a change in its own second,
 * in any order of arrival. A real change keeps its time, so that the stricter still wins against other changes and against a
 * token of that second.
 */
function timeOf(created: number, yields: boolean): number {
  return yields ? created - 1 : created
}

/** Maps a status of Stripe's to a standing. An unknown status is `inactive`. */
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

/** Returns the id of the invoice's subscription, in this version of the API (`parent`) and in versions before 2025-03-31. */
function subscriptionOf(invoice: StripeFields): string | undefined {
  const details = fieldsOf(fieldsOf(invoice.get('parent'))?.get('subscription_details'))
  return idOf(details?.get('subscription')) ?? idOf(invoice.get('subscription'))
}

function entitlementsEvent(
  identity: Omit<StripeEvent, 'about' | 'statement'>,
  { created, object }: EventFacts,
): Result<StripeEvent, 'malformed'> {
  const page = readPage(object.get('entitlements'))
  const names = page?.items.map(readLookupKey)
  if (page === undefined || names === undefined || !names.every((name) => name !== undefined)) return err('malformed')
  const statement: Statement | undefined = page.hasMore ? undefined : { kind: 'entitlements', at: created, names }
  return ok({ ...identity, about: 'entitlements', statement })
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

/** Returns the best standing. Without any subscription it is `inactive`. */
export function bestStanding(standings: readonly Standing[]): Standing {
  if (standings.includes('active')) return 'active'
  return standings.includes('past-due') ? 'past-due' : 'inactive'
}

/** Returns the account named by `field` in the first metadata that has it. */
export function accountIn(metadata: readonly Metadata[], field: string): string | undefined {
  for (const fields of metadata) {
    const account = fields.get(field)
    // A name longer than any id counts too: if it were skipped, the next metadata would name another account.
    if (typeof account === 'string' && account !== '') return account
  }
  return undefined
}

/** Returns the metadata of the object, of the invoice's subscription, and of the customer if the event includes one. */
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

/** Returns the id of an object that is given by its id or in full. */
export function idOf(value: unknown): string | undefined {
  return textOf(typeof value === 'string' ? value : fieldsOf(value)?.get('id'))
}

const MAX_TEXT = 255

/** Returns a text that is neither empty nor longer than any id. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : undefined
}
