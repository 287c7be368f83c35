import type { BillingEvent, StandingChange } from './rules/event.ts'
import type { Posted } from './rules/bulletin.ts'
import { failureName } from '../core/error.ts'
import type { RecordedStatement } from '../ledger/rules/commands.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Entry, entryOf, join } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Ledgers } from '../ports.ts'
import type { Bulletins } from './bulletin.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { ledgerName, tokenName } from '../ledger/rules/name.ts'
import { logError } from '../log.ts'

/** Whom an event is told. */
export interface EventTargets {
  readonly ledgers: Ledgers | undefined
  readonly bulletins: Pick<Bulletins, 'post'> | undefined
}

/** `refused`: nothing will ever come of it, and why. */
export type ApplyError = 'ledger-unavailable' | { readonly refused: string }

/**
 * Has an event take effect in a zone: the ledgers of whom it is about are told, and the zone's bulletin last. After
 * `ledger-unavailable` a part of it may hold, and the same event again ends the same as once. Never throws.
 */
export async function applyEvent(
  event: BillingEvent,
  zone: Zone,
  audience: EventTargets,
): Promise<Result<undefined, ApplyError>> {
  try {
    return await tell(event, zone, audience)
  } catch (error) {
    logError({ event: failureName(error) })
    return err('ledger-unavailable')
  }
}

async function tell(event: BillingEvent, zone: Zone, audience: EventTargets): Promise<Result<undefined, ApplyError>> {
  const { ledgers, bulletins } = audience
  if (event.account === undefined && event.changes.some((change) => !isOfToken(change))) return err(NO_ACCOUNT)
  if (ledgers === undefined || bulletins === undefined) return err('ledger-unavailable')
  // First what may be refused, so that nothing else of the event holds then.
  const granted = await grantAll(event, zone, ledgers)
  if (!granted.ok) return granted
  const notes = notesOf(event, zone)
  if (notes.size === 0) return ok(undefined)
  const { longestTokenSeconds } = zone.standing
  const noted = await Promise.all(
    Array.from(notes, ([name, entries]) => heard(ledgers(name).recordStatement({ entries, longestTokenSeconds }))),
  )
  // All that the ledgers know, for the bulletin may have forgotten what was said before.
  const posted: Posted[] = []
  for (const each of noted) {
    if (!each.ok) return err('ledger-unavailable')
    posted.push(...each.value.entries.flatMap((entry) => postedOf(event, zone, entry)))
  }
  return (await bulletins.post(zone, posted)) ? ok(undefined) : err('ledger-unavailable')
}

async function heard<T>(asked: Promise<Result<T, 'ledger-unavailable'>>): Promise<Result<T, 'ledger-unavailable'>> {
  return (await withTimeout(asked, LEDGER_MS)) ?? err('ledger-unavailable')
}

const NO_ACCOUNT = { refused: 'The event does not say of which account it is.' }
const OTHER_GRANT = { refused: 'Credit was granted already under this "jti", and another amount.' }

/** One grant for each that the event has, however often it comes. */
async function grantAll(
  { id, issuer, account, changes }: BillingEvent,
  zone: Zone,
  ledgers: Ledgers,
): Promise<Result<undefined, ApplyError>> {
  const grants = changes.flatMap((change) => (change.kind === 'credit-granted' ? change.money : []))
  if (grants.length === 0 || account === undefined) return ok(undefined)
  const ledger = ledgers(ledgerName(zone, { from: 'account', issuer, account }))
  for (const [index, money] of grants.entries()) {
    const granted = await heard(ledger.grant({ id: `event ${index} ${id}`, ...money }))
    if (!granted.ok) return granted
    if (granted.value.kind === 'refused') return err(OTHER_GRANT)
  }
  return ok(undefined)
}

/** What the event says, by ledger: a token may be a receipt, which has its own, or one of the account's. */
function notesOf({ issuer, account, changes }: BillingEvent, zone: Zone): Map<string, RecordedStatement[]> {
  const notes = new Map<string, RecordedStatement[]>()
  const add = (name: string, note: RecordedStatement): unknown => notes.set(name, [...(notes.get(name) ?? []), note])
  const ofAccount = account === undefined ? undefined : ledgerName(zone, { from: 'account', issuer, account })
  const said = changes.flatMap((change) => (change.kind === 'statement' ? entryOf(change.statement) : []))
  if (ofAccount !== undefined && said.length > 0) add(ofAccount, { entry: said.reduce(join) })
  for (const change of changes) {
    if (!isOfToken(change)) continue
    const note = { token: tokenName(zone, change.jti), entry: saidOf(change) }
    add(ledgerName(zone, { from: 'receipt', issuer, jti: change.jti }), note)
    if (ofAccount !== undefined) add(ofAccount, note)
  }
  return notes
}

type OfToken = Extract<StandingChange, { readonly jti: string }>

function isOfToken(change: StandingChange): change is OfToken {
  return 'jti' in change
}

function saidOf(change: OfToken): Entry {
  const { kind, at } = change
  return entryOf(
    kind === 'token-revoked' ? { kind: 'tokens-revoked', at } : { kind: 'hold', at, isLifted: change.isLifted },
  )
}

function postedOf(
  { issuer, account, changes }: BillingEvent,
  zone: Zone,
  { token, entry }: RecordedStatement,
): Posted[] {
  if (token === undefined) return account === undefined ? [] : [{ issuer, account, entry }]
  const change = changes.filter(isOfToken).find(({ jti }) => tokenName(zone, jti) === token)
  return change === undefined ? [] : [{ issuer, jti: change.jti, entry }]
}
