/**
 * Turns an event of Stripe's into a statement about an account.
 *
 * An event is a snapshot from an unknown order, and one customer may have several subscriptions. With an API key the event
 * is therefore only a hint: the current state is read from Stripe, and dated just before the request, so that the latest
 * statement always includes the latest change. Without a key the event's own statement counts.
 */
import type { BillingEvent } from '../standing/rules/event.ts'
import { err, ok, type Result } from '../core/result.ts'
import { AHEAD_SECONDS, type Statement } from '../standing/rules/standing.ts'
import { accountIn, bestStanding, metadataOf, readLookupKey, readSubscription, type StripeEvent } from './events.ts'
import type { Clock, Platform } from '../ports.ts'
import { createStripeClient, type StripeReader } from './api.ts'
import type { StripeSource } from './source.ts'
import { logWarning } from '../log.ts'

/**
 * `unavailable`: Stripe gave no usable response. `key-needed`: the event holds a part of a list, and there is no key to ask
 * for the rest. `ahead`: the event's own statement would count, but its time has not come.
 */
export type StripeApplyError = 'unavailable' | 'key-needed' | 'ahead'

/**
 * Returns the change that an event makes. With an API key the current state is asked of Stripe; without one the event's own
 * statement counts. Returns undefined if no metadata names an account.
 */
export async function applyStripeEvent(
  event: StripeEvent,
  source: StripeSource,
  { clock, fetch }: Pick<Platform, 'clock' | 'fetch'>,
): Promise<Result<BillingEvent | undefined, StripeApplyError>> {
  const warn = (problem: string): void => logWarning({ stripe: event.id, problem })
  const api = source.api === undefined ? undefined : createStripeClient(source.api, fetch, warn)
  const account = await accountOf(event, source, api)
  if (!account.ok) return account
  if (account.value === undefined) {
    warn('no account in its metadata')
    return ok(undefined)
  }
  const statement = await statementOf(event, source, api, account.value, clock)
  if (!statement.ok) {
    if (statement.error === 'key-needed') warn('a part of the entitlements, and no key to ask for the rest')
    if (statement.error === 'ahead') warn('of a time more than five minutes from now')
    return statement
  }
  const changes = [{ kind: 'statement', statement: statement.value }] as const
  return ok({ id: event.id, issuer: source.issuer, account: account.value, changes })
}

async function accountOf(
  { customer, metadata }: StripeEvent,
  { subject }: StripeSource,
  api: StripeReader | undefined,
): Promise<Result<string | undefined, 'unavailable'>> {
  if (subject === 'customer') return ok(customer)
  const account = accountIn(metadata, subject.metadata)
  if (account !== undefined || api === undefined) return ok(account)
  const found = await api.get(`/v1/customers/${encodeURIComponent(customer)}`)
  // Stripe still finds a deleted customer. If it finds none, the key belongs to another account of Stripe's.
  return found.ok ? ok(accountIn(metadataOf(found.value), subject.metadata)) : err('unavailable')
}

async function statementOf(
  event: StripeEvent,
  source: StripeSource,
  api: StripeReader | undefined,
  account: string,
  clock: Clock,
): Promise<Result<Statement, StripeApplyError>> {
  const { statement } = event
  const at = clock() / 1000
  const isAhead = event.created > at + AHEAD_SECONDS
  if (api === undefined) return statement === undefined ? err('key-needed') : isAhead ? err('ahead') : ok(statement)
  const current = await readState(event, source, api, account, at)
  if (current.ok) return current
  // If the customer is gone, a statement that takes access away is believed. One that gives access may mean a key of another
  // account.
  if (current.error !== 'absent' || statement === undefined || givesAccess(statement)) return err('unavailable')
  // The customer is gone now. The event's time has whole seconds only, and an earlier statement may be later within that
  // second.
  return ok({ ...statement, at: isAhead ? at : Math.max(statement.at, at) })
}

function givesAccess(statement: Statement): boolean {
  if (statement.kind === 'standing' || statement.kind === 'subscription') return statement.standing === 'active'
  return statement.kind === 'entitlements' && statement.names.length > 0
}

/**
 * Reads the current state, dated just before the request to the millisecond. A state read before a change is dated before
 * the change. The change has an event of its own, and the state is read again after it. So the latest statement always
 * includes the latest change.
 */
function readState(
  { about, customer }: StripeEvent,
  source: StripeSource,
  api: StripeReader,
  account: string,
  at: number,
): Promise<Result<Statement, 'absent' | 'unavailable'>> {
  return about === 'standing' ? readStanding(customer, source, api, account, at) : readEntitlements(customer, api, at)
}

/** Reads the subscriptions that have not ended: Stripe's list leaves canceled ones out. */
async function readStanding(
  customer: string,
  { subject }: StripeSource,
  api: StripeReader,
  account: string,
  at: number,
): Promise<Result<Statement, 'absent' | 'unavailable'>> {
  const isAll = subject === 'customer'
  // One customer may pay for several accounts: a subscription without a named account belongs to its customer.
  const params = { customer, ...(isAll ? {} : { 'expand[]': 'data.customer' }) }
  const list = await api.list('/v1/subscriptions', params, readSubscription)
  if (!list.ok) return list
  const own = list.value.filter(({ metadata }) => {
    const named = isAll ? undefined : accountIn(metadata, subject.metadata)
    return named === undefined || named === account
  })
  return ok({ kind: 'standing', at, standing: bestStanding(own.map(({ standing }) => standing)) })
}

async function readEntitlements(
  customer: string,
  api: StripeReader,
  at: number,
): Promise<Result<Statement, 'absent' | 'unavailable'>> {
  const list = await api.list('/v1/entitlements/active_entitlements', { customer }, readLookupKey)
  return list.ok ? ok({ kind: 'entitlements', at, names: list.value }) : list
}
