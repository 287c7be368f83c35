/**
 * Carries out orders about the feeds of one account.
 *
 * The account's ledger is changed first; then the bulletin tells every isolate to read the feed's record again. A token is
 * answered once and kept as a hash. Whenever an owner presents an entitlement here, their feeds have what it opens.
 */
import { err, ok, type Result } from '../core/result.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { ChangeCredentialCommand, IssuedCredential } from '../ledger/rules/credentials.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../ledger/rules/orders.ts'
import { MOST_OWNER_ACTS } from '../ledger/rules/owneracts.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { newestGateKey } from '../secrets/gatekeys.ts'
import type { Services } from '../services.ts'
import { postIssuedChange } from '../standing/issued.ts'
import type { Zone } from '../zone.ts'
import type { FeedOrder } from './order.ts'
import { isRenewed, snapshotOf } from './rules/snapshot.ts'
import { newFeedId, newFeedNonce, secretOf, signFeedToken } from './token.ts'

export type FeedServices = Pick<Services, 'ledgers' | 'bulletins' | 'clock'>

/** The account whose feeds an order is about. */
export interface FeedAccount {
  readonly issuer: string
  readonly account: string
  readonly zone: Zone
}

/** Who gives an order about feeds of their own. */
export interface FeedContext extends FeedAccount {
  /** The owner's entitlement, as it was signed. */
  readonly signed: Entitlement
  readonly act: (facts: Readonly<Record<string, string>>) => Act
  /** The most feeds of an account. */
  readonly most: number
}

/** A feed after an order; with a token that was just made, which is shown once. */
export interface FeedAnswer {
  readonly feed: IssuedCredential
  readonly token?: string
}

type Known<T> = Promise<Result<T, EndpointProblem>>

/** Returns the feeds of an account. */
export function feedsOf(owner: FeedAccount, services: FeedServices): Known<readonly IssuedCredential[]> {
  return order(owner, services, 'listCredentials', 'feed')
}

/** Lets the owner's feeds have what the presented entitlement opens, unless theirs is newer. Returns the feeds. */
export async function refreshFeeds(context: FeedContext, services: FeedServices): Known<readonly IssuedCredential[]> {
  const listed = await feedsOf(context, services)
  if (!listed.ok) return listed
  const { signed } = context
  const refreshed: IssuedCredential[] = []
  for (const feed of listed.value) {
    if (!isRenewed(feed, signed, services.clock())) refreshed.push(feed)
    else {
      const changed = await changeFeed(context, services, { id: feed.id, change: snapshotOf(signed, services.clock()) })
      if (!changed.ok) return changed
      refreshed.push(changed.value)
    }
  }
  return ok(refreshed)
}

/** Carries out an order other than to list. */
export async function runFeedOrder(
  asked: Exclude<FeedOrder, { action: 'list' }>,
  context: FeedContext,
  services: FeedServices,
): Known<FeedAnswer> {
  if (asked.action === 'create') return createFeed(asked, context, services)
  const { id, action } = asked
  const act = context.act({ feed: id })
  if (action === 'remove') {
    const removed = await changeFeed(context, services, { id, isRemoved: true, act })
    return removed.ok ? ok({ feed: removed.value }) : removed
  }
  const known = await feedsOf(context, services)
  if (!known.ok) return known
  const route = known.value.find((feed) => feed.id === id)?.route
  const made = route === undefined ? undefined : makeToken(context, id, route)
  if (made === undefined) return err(UNKNOWN_FEED)
  const overlapUntil = services.clock() + asked.overlapSeconds * 1000
  const changed = await changeFeed(context, services, {
    id,
    secret: made.secret,
    overlapUntil,
    byOwner: true,
    act,
  })
  return changed.ok ? ok({ feed: changed.value, token: made.token }) : changed
}

async function createFeed(
  { name, path, route }: Extract<FeedOrder, { action: 'create' }>,
  context: FeedContext,
  services: FeedServices,
): Known<FeedAnswer> {
  const id = newFeedId()
  const made = makeToken(context, id, route)
  if (made === undefined) return err(FEEDS_NOT_KNOWN)
  const now = services.clock()
  const { plan, ...snapshot } = snapshotOf(context.signed, now)
  const credential: IssuedCredential = {
    kind: 'feed',
    id,
    name,
    createdAt: now,
    createdBy: 'owner',
    secrets: [made.secret],
    ...(plan !== undefined && { plan }),
    ...snapshot,
    limits: [],
    route,
    path,
  }
  const command = { credential, most: context.most, byOwner: true as const, act: context.act({ feed: id }) }
  const issued = await order(context, services, 'issueCredential', command)
  if (!issued.ok) return issued
  if (issued.value.kind === 'issued') return ok({ feed: credential, token: made.token })
  return err(REFUSED[issued.value.reason])
}

function makeToken(
  { issuer, account, zone }: FeedAccount,
  id: string,
  route: string,
): { readonly token: string; readonly secret: IssuedCredential['secrets'][number] } | undefined {
  if (zone.gateKeys === undefined) return undefined
  const key = newestGateKey(zone.gateKeys, 'feeds', zone.id)
  const token = signFeedToken(key, { issuer, account, id, nonce: newFeedNonce(), route })
  return { token, secret: { hash: secretOf(token), generation: key.generation } }
}

/** Changes a feed, and has every isolate read it again. */
export async function changeFeed(
  owner: FeedAccount,
  services: FeedServices,
  command: Omit<ChangeCredentialCommand, 'kind'>,
): Known<IssuedCredential> {
  const changed = await order(owner, services, 'changeCredential', { kind: 'feed', ...command })
  if (!changed.ok) return changed
  if (changed.value.kind === 'refused') return err(changed.value.reason === 'too-often' ? TOO_OFTEN : UNKNOWN_FEED)
  const { credential } = changed.value
  const name = { kind: 'feed' as const, id: command.id, issuer: owner.issuer, account: owner.account }
  const { id, issuer } = name
  // What is still on its way is ended too: a feed that is removed never returns under this id.
  const others = command.isRemoved
    ? [{ issuer, jti: id, entry: { revokedAt: (credential.changedAt ?? 0) / 1000 } }]
    : []
  const isPosted =
    services.bulletins && (await postIssuedChange(name, credential, owner.zone, services.bulletins, { others }))
  return isPosted === true ? ok(credential) : err(FEEDS_NOT_KNOWN)
}

async function order<N extends OrderName>(
  { issuer, account, zone }: FeedAccount,
  { ledgers }: FeedServices,
  name: N,
  command: OrderCommand<N>,
): Known<OrderOutcome<N>> {
  if (ledgers === undefined) return err(FEEDS_NOT_KNOWN)
  const ledger = openLedger(ledgers, zone, { from: 'account', issuer, account })
  const asked = ledger.order(name, command).catch(() => undefined)
  const answer = await withTimeout(asked, LEDGER_MS)
  return answer?.ok === true ? answer : err(FEEDS_NOT_KNOWN)
}

const TOO_MANY: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: 'The account has as many feeds as it may. Remove one first.',
}
const UNKNOWN_FEED: EndpointProblem = { status: 404, title: 'Not Found', detail: 'The account has no such feed.' }
/** The answer to an owner who has given as many orders today as an owner may. */
const TOO_OFTEN: EndpointProblem = {
  status: 429,
  title: 'Too Many Requests',
  detail: `The credentials of this account were changed ${MOST_OWNER_ACTS} times today. Go on tomorrow.`,
  fields: { 'retry-after': '3600' },
}
/** The answer if the outcome of an order is unknown. */
export const FEEDS_NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether that was done. Ask for the list.',
  reason: 'ledger-unavailable',
  fields: { 'retry-after': '5' },
}
const REFUSED = { 'too-many': TOO_MANY, 'too-often': TOO_OFTEN, 'id-taken': FEEDS_NOT_KNOWN }
