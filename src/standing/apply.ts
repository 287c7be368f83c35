/**
 * Applies a billing event: its statements are recorded in ledgers, then spread by the zone's bulletin.
 *
 * An event may name an account, tokens, or both, and grant or take credit. The order matters. Credit comes first, because a ledger
 * may refuse it, and nothing else of a refused event may hold. The ledgers of account and tokens come next: they keep every
 * statement for good. The bulletin is last, because isolates read it; it gets everything the ledgers know, for it may have
 * forgotten earlier statements. There is no transaction across these: after a failure the sender repeats the event, and
 * every step is idempotent. An event that a key signed is noted before all of that, so that it can be undone if the key was
 * stolen.
 */
import type { BillingEvent, StandingChange } from './rules/event.ts'
import type { Posted } from './rules/bulletin.ts'
import { failureName } from '../core/error.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { RecordedStatement, RecordStatementCommand, StatementNotice } from '../ledger/rules/statementcommands.ts'
import { err, ok, type Result } from '../core/result.ts'
import { tripPaymentIn } from './rules/trippayment.ts'
import { isSpokenFor } from './rules/speaker.ts'
import { type Entry, entryOf, join } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Ledgers } from '../ports.ts'
import type { Bulletins } from './bulletin.ts'
import { grantId, noteEvent } from './noting.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { type Holder, ledgerName, tokenName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { TakeCreditOutcome } from '../ledger/rules/takecredit.ts'
import { logError } from '../log.ts'

/** The stores that an event is applied to. */
export interface EventTargets {
  readonly ledgers: Ledgers | undefined
  readonly bulletins: Pick<Bulletins, 'post' | 'order'> | undefined
}

/** `refused` means for good, and holds the explanation. After `ledger-unavailable` the same event may be sent again. */
export type ApplyError = 'ledger-unavailable' | { readonly refused: string }

/**
 * Applies an event in a zone: to the ledgers of its account and tokens, and to the zone's bulletin last. After
 * `ledger-unavailable` part of the event may hold; applying it again has the effect of applying it once. `act` is recorded in
 * the audit of each ledger, with what it changes there, and of `notice` billing is told. Never throws.
 */
export async function applyEvent(
  event: BillingEvent,
  zone: Zone,
  targets: EventTargets,
  act?: Act,
  notice?: StatementNotice,
): Promise<Result<undefined, ApplyError>> {
  try {
    return await applyChanges(event, zone, targets, act && { act }, notice && { notice })
  } catch (error) {
    logError({ event: failureName(error) })
    return err('ledger-unavailable')
  }
}

/** The member of a command that has its act recorded. */
interface Audited {
  readonly act: Act
}

async function applyChanges(
  event: BillingEvent,
  zone: Zone,
  targets: EventTargets,
  audited: Audited | undefined,
  told: Pick<RecordStatementCommand, 'notice'> | undefined,
): Promise<Result<undefined, ApplyError>> {
  const { ledgers, bulletins } = targets
  if (event.account === undefined && event.changes.some((change) => !isTokenChange(change) && !isPayment(change)))
    return err(NO_ACCOUNT)
  if (event.changes.every(isPayment)) return ok(undefined)
  if (ledgers === undefined || bulletins === undefined) return err('ledger-unavailable')
  if (!(await noteEvent(event, zone, audited?.act, { ledgers, bulletins }))) return err('ledger-unavailable')
  // Credit comes first: if a grant or taking is refused, nothing else of the event holds.
  const granted = await grantAll(event, zone, ledgers, audited)
  if (!granted.ok) return granted
  const taken = await takeAll(event, zone, ledgers, audited)
  if (!taken.ok) return taken
  const byLedger = statementsByLedger(event, zone)
  if (byLedger.length === 0) return ok(undefined)
  const { longestTokenSeconds } = zone.standing
  const kept = isSpokenFor(event.issuer, zone.standing) ? { isForGood: true as const } : {}
  const recorded = await Promise.all(
    byLedger.map(({ holder, entries }) =>
      inTime(
        openLedger(ledgers, zone, holder).recordStatement({
          entries,
          longestTokenSeconds,
          ...kept,
          ...audited,
          ...told,
        }),
      ),
    ),
  )
  // Posts everything the ledgers know: the bulletin may have forgotten earlier statements.
  const posted: Posted[] = []
  for (const each of recorded) {
    if (!each.ok) return err('ledger-unavailable')
    posted.push(...each.value.entries.flatMap((entry) => postedOf(event, zone, entry)))
  }
  return (await bulletins.post(zone, posted)) ? ok(undefined) : err('ledger-unavailable')
}

async function inTime<T>(answer: Promise<Result<T, 'ledger-unavailable'>>): Promise<Result<T, 'ledger-unavailable'>> {
  return (await withTimeout(answer, LEDGER_MS)) ?? err('ledger-unavailable')
}

const NO_ACCOUNT = { refused: 'The event does not say of which account it is.' }
const OTHER_GRANT = { refused: 'Credit was granted already under this "jti", and another amount.' }

/** Grants each amount of the event once, however often the event comes. */
async function grantAll(
  { id, issuer, account, changes }: BillingEvent,
  zone: Zone,
  ledgers: Ledgers,
  audited: Audited | undefined,
): Promise<Result<undefined, ApplyError>> {
  const grants = changes.flatMap((change) => (change.kind === 'credit-granted' ? change.money : []))
  if (grants.length === 0 || account === undefined) return ok(undefined)
  const holder: Holder = { from: 'account', issuer, account }
  const ledger = openLedger(ledgers, zone, holder)
  for (const [index, money] of grants.entries()) {
    const granted = await inTime(
      ledger.grant({ id: grantId(id, index), ...money, ledger: ledgerName(zone, holder), ...audited }),
    )
    if (!granted.ok) return granted
    if (granted.value.kind === 'refused') return err(OTHER_GRANT)
  }
  return ok(undefined)
}

/** Takes each amount of the event back once. One that came before its grant is taken when the grant comes. */
async function takeAll(
  { id, issuer, account, changes }: BillingEvent,
  zone: Zone,
  ledgers: Ledgers,
  audited: Audited | undefined,
): Promise<Result<undefined, ApplyError>> {
  const takings = changes.flatMap((change) => (change.kind === 'credit-taken' ? change : []))
  if (takings.length === 0 || account === undefined) return ok(undefined)
  const holder: Holder = { from: 'account', issuer, account }
  for (const [index, { money, grant, id: taking }] of takings.entries()) {
    const command = { id: taking ?? grantId(id, index), ...money, ledger: ledgerName(zone, holder), ...audited }
    // An operator's order may have granted it, under the same id.
    const of = grant === undefined ? {} : { of: [grantId(grant, 0), grant] as const }
    const taken = await inTime(openLedger(ledgers, zone, holder).order('takeCredit', { ...command, ...of }))
    if (!taken.ok) return taken
    if (taken.value.kind === 'refused') return err({ refused: NOT_TAKEN[taken.value.reason] })
  }
  return ok(undefined)
}

const NOT_TAKEN: Record<Extract<TakeCreditOutcome, { kind: 'refused' }>['reason'], string> = {
  'taking-not-positive': 'An amount of credit is more than nothing.',
  'taking-differs': 'Credit was taken already under this "jti", and another amount, or of another grant.',
  'currency-differs': 'The grant is of another currency.',
  'too-many-takings': 'Too many amounts are to be taken of a grant that has not come.',
}

/**
 * Groups the event's statements by ledger. A token may be a receipt, with a ledger of its own, or one of the account's, so
 * both are told.
 */
function statementsByLedger({ issuer, account, changes }: BillingEvent, zone: Zone): readonly LedgerStatements[] {
  const byLedger = new Map<string, { holder: Holder; entries: RecordedStatement[] }>()
  const add = (holder: Holder, statement: RecordedStatement): void => {
    const name = ledgerName(zone, holder)
    const known = byLedger.get(name)
    if (known === undefined) byLedger.set(name, { holder, entries: [statement] })
    else known.entries.push(statement)
  }
  const ofAccount: Holder | undefined = account === undefined ? undefined : { from: 'account', issuer, account }
  const entries = changes.flatMap((change) => (change.kind === 'statement' ? entryOf(change.statement) : []))
  if (ofAccount !== undefined && entries.length > 0) add(ofAccount, { entry: entries.reduce(join) })
  for (const change of changes) {
    if (!isTokenChange(change)) continue
    const statement = { token: tokenName(zone, change.jti), entry: tokenEntryOf(change) }
    add({ from: 'receipt', issuer, jti: change.jti }, statement)
    if (ofAccount !== undefined) add(ofAccount, statement)
  }
  return [...byLedger.values()]
}

interface LedgerStatements {
  readonly holder: Holder
  readonly entries: readonly RecordedStatement[]
}

function isPayment(change: StandingChange): boolean {
  return tripPaymentIn([change]) !== undefined
}

type TokenChange = Extract<StandingChange, { readonly jti: string }>

function isTokenChange(change: StandingChange): change is TokenChange {
  return 'jti' in change
}

function tokenEntryOf(change: TokenChange): Entry {
  const { at } = change
  if (change.kind === 'token-revoked') return entryOf({ kind: 'tokens-revoked', at })
  if (change.kind === 'token-named-hold') return entryOf({ ...change, kind: 'named-hold' })
  return entryOf({ kind: 'hold', at, isLifted: change.isLifted })
}

function postedOf(
  { issuer, account, changes }: BillingEvent,
  zone: Zone,
  { token, entry }: RecordedStatement,
): Posted[] {
  if (token === undefined) return account === undefined ? [] : [{ issuer, account, entry }]
  const change = changes.filter(isTokenChange).find(({ jti }) => tokenName(zone, jti) === token)
  return change === undefined ? [] : [{ issuer, jti: change.jti, entry }]
}
