/**
 * Carries out orders about the API keys of an account, for operators and owners alike.
 *
 * A key's record is in its account's ledger, which is changed first; the bulletin then tells every isolate to read the record
 * anew. The zone's own ledger lists every key of the zone with its owner and the generation of the gate's secret that made it,
 * so that nobody retires a generation unknowingly.
 */
import { err, ok, type Result } from '../core/result.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { ChangeCredentialCommand, CredentialChange, IssuedCredential } from '../ledger/rules/credentials.ts'
import { MOST_OWNER_ACTS } from '../ledger/rules/owneracts.ts'
import { ownerName, tokenName } from '../ledger/rules/name.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../ledger/rules/orders.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Ledger } from '../ports.ts'
import { type KeyOwner, makeKey } from '../rails/keys/format.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { postIssuedChange } from '../standing/issued.ts'
import type { Entry } from '../standing/rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { KeyOrder } from './keysread.ts'
import { describeKey, type KeyView } from './keysview.ts'
import { badRequest, RETRY } from './operator.ts'

type KeyServices = Pick<Services, 'ledgers' | 'bulletins' | 'clock'>

/** Whose keys an order is about, and who gave it. */
export interface KeyContext {
  readonly owner: KeyOwner
  readonly zone: Zone
  /** The operator's subject, or `owner`. */
  readonly by: string
  /** Present if the owner gave it: an owner has less room than an operator, and fewer orders a day. */
  readonly byOwner?: true
  readonly act: Act
}

/** The answer to an order: the key as it is now; its text if it was just made, which is shown once. */
export interface KeyAnswer {
  readonly key: KeyView
  readonly secret?: string
}

type Outcome = Result<KeyAnswer | { readonly keys: readonly KeyView[] }, EndpointProblem>

const DAY_MS = 86_400_000
/** The most keys of an account, and the most beside which its owner makes one more. */
const MOST_KEYS = 100
const MOST_OWN_KEYS = 20
/** The longest time for which a replaced secret stays good. */
const MAX_OVERLAP_MS = 90 * DAY_MS

/** Carries out an order. */
export async function runKeyOrder(order: KeyOrder, context: KeyContext, services: KeyServices): Promise<Outcome> {
  switch (order.action) {
    case 'list':
      return listKeys(context, services)
    case 'create':
      return createKey(order, context, services)
    case 'change':
      return changeKey({ id: order.id, change: order.change }, context, services)
    case 'rotate':
      return rotateKey(order, context, services)
    case 'disable':
    case 'enable':
      return changeKey(
        { id: order.id, change: { isDisabled: order.action === 'disable' || undefined } },
        context,
        services,
      )
    case 'remove':
      return changeKey({ id: order.id, isRemoved: true }, context, services)
  }
}

/** Returns the keys of an account. */
export async function keysOf(
  { owner, zone }: Pick<KeyContext, 'owner' | 'zone'>,
  services: KeyServices,
): Promise<Result<readonly IssuedCredential[], EndpointProblem>> {
  return inTime(accountLedger(zone, owner, services), 'listCredentials', 'key')
}

async function listKeys(context: KeyContext, services: KeyServices): Promise<Outcome> {
  const found = await keysOf(context, services)
  return found.ok ? ok({ keys: found.value.map(describeKey) }) : found
}

async function createKey(
  { name, plan, entitlements = [], limits = [], accountLimits = [], expires }: Extract<KeyOrder, { action: 'create' }>,
  { owner, zone, by, byOwner, act }: KeyContext,
  services: KeyServices,
): Promise<Outcome> {
  const { text, hash, id, generation } = makeKey(zone, owner)
  const credential: IssuedCredential = {
    kind: 'key',
    id,
    name,
    createdAt: services.clock(),
    createdBy: by,
    secrets: [{ hash, generation }],
    ...(expires !== undefined && { expires }),
    ...(plan !== undefined && { plan }),
    entitlements,
    limits,
    accountLimits,
  }
  const listed = await listInZone(credential, owner, zone, services)
  if (!listed.ok) return listed
  const most = byOwner ? MOST_OWN_KEYS : MOST_KEYS
  const command = { credential, most, ...(byOwner && { byOwner }), act: { ...act, facts: { ...act.facts, key: id } } }
  const issued = await inTime(accountLedger(zone, owner, services), 'issueCredential', command)
  if (!issued.ok) return issued
  if (issued.value.kind === 'refused') {
    await inTime(zoneLedger(zone, services), 'changeCredential', { kind: 'key', id, isRemoved: true })
    return err(issued.value.reason === 'too-often' ? TOO_OFTEN : tooMany(most))
  }
  return ok({ key: describeKey(credential), secret: text })
}

async function rotateKey(
  { id, until }: Extract<KeyOrder, { action: 'rotate' }>,
  context: KeyContext,
  services: KeyServices,
): Promise<Outcome> {
  const now = services.clock()
  const overlapUntil = until ?? now + DAY_MS
  if (overlapUntil > now + MAX_OVERLAP_MS) return err(badRequest('until: expected a time within 90 days.'))
  // A stranger's id may not be one at all.
  if (!KEY_ID.test(id)) return err(UNKNOWN_ID)
  const { text, hash, generation } = makeKey(context.zone, context.owner, id)
  const changed = await changeKey({ id, secret: { hash, generation }, overlapUntil }, context, services)
  return changed.ok ? ok({ ...changed.value, secret: text }) : changed
}

const KEY_ID = /^[\w-]{16}$/

type KeyChange = Omit<ChangeCredentialCommand, 'kind' | 'act'>

async function changeKey(
  change: KeyChange,
  { owner, zone, byOwner, act }: KeyContext,
  services: KeyServices,
): Promise<Result<KeyAnswer, EndpointProblem>> {
  const { id } = change
  const ledger = accountLedger(zone, owner, services)
  const facts = { ...act.facts, key: id }
  const isBounded = byOwner === true && change.isRemoved !== true && change.change?.isDisabled !== true
  const command = {
    kind: 'key' as const,
    ...change,
    ...(isBounded && { byOwner: true as const }),
    act: { ...act, facts },
  }
  const changed = await inTime(ledger, 'changeCredential', command)
  if (!changed.ok) return changed
  if (changed.value.kind === 'refused') return err(changed.value.reason === 'too-often' ? TOO_OFTEN : UNKNOWN_ID)
  const { credential } = changed.value
  const told = await tellChange(credential, change, { owner, zone }, services)
  return told.ok ? ok({ key: describeKey(credential) }) : told
}

/** Makes a change hold everywhere within the bound: a charge sees it in the ledger, and every isolate in the bulletin. */
async function tellChange(
  credential: IssuedCredential,
  change: KeyChange,
  { owner, zone }: Pick<KeyContext, 'owner' | 'zone'>,
  services: KeyServices,
): Promise<Result<undefined, EndpointProblem>> {
  const { id, isDisabled, changedAt = 0 } = credential
  const isOff = isDisabled === true || change.isRemoved === true
  const entry: Entry = { standing: { at: changedAt / 1000, standing: isOff ? 'inactive' : 'active' } }
  const { longestTokenSeconds } = zone.standing
  const ledger = accountLedger(zone, owner, services)
  const noted = await ledger?.recordStatement({ entries: [{ token: tokenName(zone, id), entry }], longestTokenSeconds })
  if (noted?.ok !== true) return err(NOT_KNOWN)
  const { bulletins } = services
  const others = [{ issuer: owner.issuer, jti: id, entry }]
  const isPosted =
    bulletins && (await postIssuedChange({ kind: 'key', id, ...owner }, credential, zone, bulletins, { others }))
  if (isPosted !== true) return err(NOT_KNOWN)
  const inList = listedChange(change)
  if (inList !== undefined) await inTime(zoneLedger(zone, services), 'changeCredential', { kind: 'key', ...inList })
  return ok(undefined)
}

/** Returns the part of a change that the zone's list shows. */
function listedChange({ id, change, secret, overlapUntil, isRemoved }: KeyChange): KeyChange | undefined {
  if (isRemoved === true) return { id, isRemoved }
  if (secret !== undefined) return { id, secret, ...(overlapUntil !== undefined && { overlapUntil }) }
  const shown: CredentialChange = {
    ...(change !== undefined && 'isDisabled' in change && { isDisabled: change.isDisabled }),
    ...(change !== undefined && 'expires' in change && { expires: change.expires }),
  }
  return Object.keys(shown).length === 0 ? undefined : { id, change: shown }
}

/** The most keys that the zone's ledger lists. */
const MOST_LISTED = 20_000

/** Lists a new key in the zone, before it exists: a key that is not listed could be cut off unknowingly. */
async function listInZone(
  credential: IssuedCredential,
  owner: KeyOwner,
  zone: Zone,
  services: KeyServices,
): Promise<Result<undefined, EndpointProblem>> {
  const { plan: _plan, ...facts } = credential
  const listed = { ...facts, name: ownerName(owner), entitlements: [], limits: [], accountLimits: [] }
  const issued = await inTime(zoneLedger(zone, services), 'issueCredential', { credential: listed, most: MOST_LISTED })
  if (!issued.ok) return issued
  return issued.value.kind === 'issued' ? ok(undefined) : err(LIST_FULL)
}

/** Returns the zone's list of keys: their ids, owners and generations. */
export async function keysInZone(
  zone: Zone,
  services: KeyServices,
): Promise<Result<readonly IssuedCredential[], EndpointProblem>> {
  return inTime(zoneLedger(zone, services), 'listCredentials', 'key')
}

function accountLedger(zone: Zone, { issuer, account }: KeyOwner, { ledgers }: KeyServices): Ledger | undefined {
  return ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account })
}

function zoneLedger(zone: Zone, { ledgers }: KeyServices): Ledger | undefined {
  return ledgers && openLedger(ledgers, zone, { from: 'zone' })
}

async function inTime<N extends OrderName>(
  ledger: Ledger | undefined,
  name: N,
  command: OrderCommand<N>,
): Promise<Result<OrderOutcome<N>, EndpointProblem>> {
  const asked = ledger?.order(name, command).catch(() => undefined)
  const answer = asked && (await withTimeout(asked, LEDGER_MS))
  return answer?.ok === true ? answer : err(NOT_KNOWN)
}

export const UNKNOWN_ID: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'The account has no key with this id.',
}
function tooMany(most: number): EndpointProblem {
  return { status: 409, title: 'Conflict', detail: `The account has ${most} keys or more. Remove one first.` }
}
/** The answer to an owner who has given as many orders today as an owner may. */
const TOO_OFTEN: EndpointProblem = {
  status: 429,
  title: 'Too Many Requests',
  detail: `The credentials of this account were changed ${MOST_OWNER_ACTS} times today. Go on tomorrow.`,
  fields: { 'retry-after': '3600' },
}
const LIST_FULL: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: `The site has ${MOST_LISTED} keys, and takes no more.`,
}
/** The answer if it is unknown whether an order was carried out. */
export const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether this was done everywhere. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
