import { formatAmount, type Money } from '../core/money.ts'
import type { Act } from '../ledger/rules/audit.ts'
import { type Holder, tokenName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { LiftedHold, NotedGrant, SignedAct } from '../ledger/rules/signedacts.ts'
import type { Ledgers } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { Bulletins } from './bulletin.ts'
import type { BillingEvent, StandingChange } from './rules/event.ts'
import { isHeld } from './rules/standing.ts'

/** The stores that the note of an event needs. */
export interface NoteTargets {
  readonly ledgers: Ledgers
  readonly bulletins: Pick<Bulletins, 'order'>
}

/** Returns the id under which the ledger of an account knows a grant of an event. */
export function grantId(event: string, index: number): string {
  return `event ${index} ${event}`
}

/**
 * Notes, in the zone's own ledger, an event that a key signed, before it is applied: if the key was stolen, what it did can be
 * found and undone. An event without such a key needs no note. Returns false if it cannot be noted; it must not be applied
 * then.
 */
export async function noteEvent(
  event: BillingEvent,
  zone: Zone,
  act: Act | undefined,
  targets: NoteTargets,
): Promise<boolean> {
  if (act?.signedBy === undefined) return true
  const { id, issuer, account, changes } = event
  const lifts = await liftedBy(event, zone, targets.ledgers)
  if (lifts === undefined) return false
  const money = changes.flatMap((change) => (change.kind === 'credit-granted' ? change.money : []))
  return noteAct(
    {
      signedBy: act.signedBy,
      id: id === '' ? (act.request ?? '') : id,
      issuer,
      ...(account !== undefined && { account }),
      states: changes.map(wordsOf),
      grants: money.map(({ units, currency }, index) => ({ id: grantId(id, index), units: String(units), currency })),
      lifts,
    },
    zone,
    targets.bulletins,
  )
}

/** Notes an operator's grant of credit, as `noteEvent` notes an event. */
export async function noteGrant(
  {
    id,
    issuer,
    account,
    units,
    currency,
  }: Omit<NotedGrant, 'units'> & {
    readonly issuer: string
    readonly account: string
    readonly units: bigint
  },
  zone: Zone,
  { signedBy, request = id }: Act,
  bulletins: Pick<Bulletins, 'order'> | undefined,
): Promise<boolean> {
  if (signedBy === undefined || bulletins === undefined) return true
  const grants = [{ id, units: String(units), currency }]
  const states = [`credit ${formatAmount({ units, currency })} ${currency}`]
  return noteAct({ signedBy, id: request, issuer, account, states, grants, lifts: [] }, zone, bulletins)
}

/** Notes an operator's taking of credit, as `noteEvent` notes an event. Undoing it is for a person: another grant does. */
export async function noteTaking(
  { id, issuer, account, ...money }: Money & { readonly id: string; readonly issuer: string; readonly account: string },
  zone: Zone,
  { signedBy, request = id }: Act,
  bulletins: Pick<Bulletins, 'order'> | undefined,
): Promise<boolean> {
  if (signedBy === undefined || bulletins === undefined) return true
  const states = [takingWords(money)]
  return noteAct({ signedBy, id: request, issuer, account, states, grants: [], lifts: [] }, zone, bulletins)
}

function takingWords(money: Money): string {
  return `take credit ${formatAmount(money)} ${money.currency}`
}

/** Notes an operator's reversal of a charge, as `noteEvent` notes an event. Undoing it is for a person: the charge is gone. */
export async function noteReversal(
  { issuer, account, charge }: { readonly issuer: string; readonly account?: string; readonly charge: string },
  zone: Zone,
  { signedBy, request = charge }: Act,
  bulletins: Pick<Bulletins, 'order'> | undefined,
): Promise<boolean> {
  if (signedBy === undefined || bulletins === undefined) return true
  const of = { issuer, ...(account !== undefined && { account }) }
  return noteAct(
    { signedBy, id: request, ...of, states: [`reverse ${charge}`], grants: [], lifts: [] },
    zone,
    bulletins,
  )
}

async function noteAct(
  noted: Omit<SignedAct, 'at' | 'part' | 'undone'>,
  zone: Zone,
  bulletins: NoteTargets['bulletins'],
): Promise<boolean> {
  return (await bulletins.order(zone, 'noteSigned', noted)) !== undefined
}

/** Returns the holds in force that an event lifts; undefined if the ledgers do not answer. */
async function liftedBy(
  { issuer, account, changes }: BillingEvent,
  zone: Zone,
  ledgers: Ledgers,
): Promise<readonly LiftedHold[] | undefined> {
  const lifts: LiftedHold[] = []
  for (const change of changes) {
    const lift = liftOf(change)
    if (lift === undefined || (lift.jti === undefined && account === undefined)) continue
    const holder: Holder =
      lift.jti === undefined
        ? { from: 'account', issuer, account: account ?? '' }
        : { from: 'receipt', issuer, jti: lift.jti }
    const said = await openLedger(ledgers, zone, holder).statements(lift.jti && tokenName(zone, lift.jti))
    if (!said.ok) return undefined
    const entry = lift.jti === undefined ? said.value.ofAccount : said.value.ofToken
    if (entry !== undefined && isHeld(entry, lift.at)) lifts.push(lift)
  }
  return lifts
}

function liftOf(change: StandingChange): LiftedHold | undefined {
  if (change.kind === 'token-hold') return change.isLifted ? { jti: change.jti, at: change.at } : undefined
  if (change.kind !== 'statement' || change.statement.kind !== 'hold') return undefined
  return change.statement.isLifted ? { at: change.statement.at } : undefined
}

/** Says what a change does, for the operator who reads the list. */
function wordsOf(change: StandingChange): string {
  switch (change.kind) {
    case 'credit-granted':
      return `credit ${formatAmount(change.money)} ${change.money.currency}`
    case 'credit-taken':
      return takingWords(change.money)
    case 'token-revoked':
    case 'payment-declined':
    case 'payment-succeeded':
      return change.kind
    case 'token-hold':
      return change.isLifted ? 'hold-lifted' : 'hold-placed'
    case 'token-named-hold':
      return change.liftedAt === undefined ? 'hold-placed' : 'hold-lifted'
    case 'statement': {
      const { statement } = change
      if (statement.kind === 'hold') return statement.isLifted ? 'hold-lifted' : 'hold-placed'
      if (statement.kind === 'standing' || statement.kind === 'subscription')
        return `${statement.kind} ${statement.standing}`
      return statement.kind === 'entitlements' ? 'entitlements-changed' : statement.kind
    }
  }
}
