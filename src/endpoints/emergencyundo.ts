import { err, ok, type Result } from '../core/result.ts'
import { isDistrusted } from '../access/distrust.ts'
import { isThumbprint } from '../access/thumbprint.ts'
import { parseInstant } from '../core/instant.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { instant, type InstantView } from '../ledger/ledgerview.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type {
  PlacedAct,
  SignedAct,
  SignedPage,
  SignedPlace,
  UndoneAct,
  UndoneCredit,
} from '../ledger/rules/signedacts.ts'
import type { Ledgers } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { applyEvent } from '../standing/apply.ts'
import type { Bulletins } from '../standing/bulletin.ts'
import type { StandingChange } from '../standing/rules/event.ts'
import type { Zone } from '../zone.ts'
import type { AuditEntry } from './audit.ts'
import type { EndpointCall } from './endpoint.ts'
import { badRequest, readMembers, RETRY } from './operator.ts'

/** What the orders about signed events work with. */
export interface UndoServices {
  readonly ledgers: Ledgers
  readonly bulletins: Bulletins
  readonly clock: () => number
}

/** The most events of one list. */
const MOST_LISTED = 100
/** The most that one order undoes: each is several calls to ledgers, and the smallest plan of Workers has fifty. */
const MOST_UNDONE = 8

interface SignedOrder {
  readonly action: 'events' | 'undo'
  readonly signedBy: string
  readonly since: number
  readonly after?: SignedPlace
}

/** Returns true for an order to list or undo what a key signed. */
export function isSignedOrder(body: unknown): boolean {
  return typeof body === 'object' && body !== null && ('events' in body || 'undo' in body)
}

/** Lists what a key signed, or takes back what that granted and holds again what it lifted: a page of either. */
export async function answerSigned(
  body: unknown,
  zone: Zone,
  audit: AuditEntry,
  services: UndoServices,
  call: EndpointCall,
): Promise<Result<unknown, EndpointProblem>> {
  const read = readSignedOrder(body)
  if (!read.ok) return err(badRequest(read.error))
  const { action, signedBy, since, after } = read.value
  const isUndoable = action === 'undo'
  audit.action = isUndoable ? 'undo' : 'emergency'
  audit.details = { [action]: signedBy }
  audit.isIdle = !isUndoable
  if (isUndoable && !(await isVoid(signedBy, zone, services, call))) return err(STILL_TRUSTED)
  const most = isUndoable ? MOST_UNDONE : MOST_LISTED
  const query = { signedBy, since, ...(after && { after }), most, isUndoable }
  const page = await services.bulletins.order(zone, 'listSigned', query)
  if (page === undefined) return err(NOT_READ)
  return isUndoable
    ? undoAll(page, zone, audit, services)
    : ok(
        viewOf(
          page,
          page.acts.map(({ act }) => act),
        ),
      )
}

const MEMBERS = ['events', 'undo', 'since', 'after']

function readSignedOrder(body: unknown): Result<SignedOrder, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  if (given.has('events') === given.has('undo')) return err('events: expected either this or "undo".')
  const action = given.has('events') ? 'events' : 'undo'
  const signedBy = given.get(action)
  if (!isThumbprint(signedBy)) return err(`${action}: expected the thumbprint of a key.`)
  const written = given.get('since')
  const since = written === undefined ? 0 : typeof written === 'string' ? parseInstant(written) : undefined
  if (since === undefined) return err('since: expected a date and time such as "2026-11-28T12:00:00Z".')
  const after = given.has('after') ? readPlace(given.get('after'), signedBy) : undefined
  if (given.has('after') && after === undefined) return err('after: expected the "next" of the page before.')
  return ok({ action, signedBy, since: since * 1000, ...(after && { after }) })
}

/** Reads a cursor: the day and the rest of the key. */
function readPlace(given: unknown, signedBy: string): SignedPlace | undefined {
  const [, day, id] = (typeof given === 'string' && /^(\d{1,6}) (.{1,300})$/su.exec(given)) || []
  return day === undefined || id === undefined ? undefined : { day: Number(day), key: `${signedBy} ${id}` }
}

function nextOf({ next }: SignedPage): { readonly next?: string } {
  return next === undefined ? {} : { next: `${next.day} ${next.key.slice(next.key.indexOf(' ') + 1)}` }
}

async function isVoid(signedBy: string, zone: Zone, { bulletins }: UndoServices, call: EndpointCall): Promise<boolean> {
  const known = await bulletins.of(zone, call)
  const ordered = known.ok ? known.value.head.distrust : undefined
  const configured = [...zone.issuers, ...zone.operators].map(({ distrust }) => distrust)
  return [ordered, ...configured].some((distrust) => distrust !== undefined && isDistrusted(distrust, signedBy))
}

async function undoAll(
  page: SignedPage,
  zone: Zone,
  audit: AuditEntry,
  services: UndoServices,
): Promise<Result<unknown, EndpointProblem>> {
  const undone: { readonly placed: PlacedAct; readonly undone: Omit<UndoneAct, 'at'> }[] = []
  for (const placed of page.acts) {
    const done = await undoOne(placed.act, zone, audit, services)
    if (done === undefined) return err(NOT_UNDONE)
    undone.push({ placed, undone: done })
  }
  audit.isIdle = undone.length === 0
  if (undone.length > 0) {
    const command = {
      undone: undone.map(({ placed, undone }) => ({ place: placed.place, undone })),
      act: audit.toAct({ undone: undone.length }),
    }
    if ((await services.bulletins.order(zone, 'noteUndone', command)) === undefined) return err(NOT_UNDONE)
  }
  const at = services.clock()
  return ok(
    viewOf(
      page,
      undone.map(({ placed, undone }) => ({ ...placed.act, undone: { at, ...undone } })),
    ),
  )
}

/** Undoes one act; repeated, it has the effect of once. Undefined if a ledger does not answer. */
async function undoOne(
  act: SignedAct,
  zone: Zone,
  audit: AuditEntry,
  { ledgers, bulletins, clock }: UndoServices,
): Promise<Omit<UndoneAct, 'at'> | undefined> {
  const { issuer, account, signedBy, id } = act
  const facts = { event: id, key: signedBy }
  const credit: UndoneCredit[] = []
  if (account !== undefined) {
    const holder = { from: 'account', issuer, account } as const
    const ledger = openLedger(ledgers, zone, holder)
    for (const grant of act.grants) {
      const command = { id: grant.id, signedBy, act: audit.toAct(facts) }
      const answer = await ledger.order('undoGrant', command).catch(() => undefined)
      if (answer?.ok !== true) return undefined
      if (answer.value.kind === 'unknown') continue
      const { taken, spent } = answer.value
      credit.push({ taken: String(taken.units), spent: String(spent.units), currency: taken.currency })
    }
  }
  const changes = act.lifts.map(({ jti, at }): StandingChange => {
    const held = { at: Math.max(clock() / 1000, at), isLifted: false }
    return jti === undefined
      ? { kind: 'statement', statement: { kind: 'hold', ...held } }
      : { kind: 'token-hold', jti, ...held }
  })
  if (changes.length > 0) {
    const event = { id: '', issuer, account, changes }
    const held = await applyEvent(event, zone, { ledgers, bulletins }, audit.toAct(facts))
    if (!held.ok) return undefined
  }
  return { credit, holds: changes.length }
}

/** One act as an operator sees it. */
interface SignedActView {
  readonly id: string
  readonly time: InstantView
  readonly issuer: string
  readonly account?: string
  readonly states: readonly string[]
  readonly liftedHolds: number
  readonly undone?: {
    readonly credit: readonly { readonly taken: MoneyView; readonly spent: MoneyView }[]
    readonly holds: number
  }
}

function viewOf(page: SignedPage, acts: readonly SignedAct[]) {
  return { events: acts.map(describeAct), ...nextOf(page) }
}

function describeAct({ id, at, issuer, account, states, lifts, undone }: SignedAct): SignedActView {
  return {
    id,
    time: instant(Math.floor(at / 1000)),
    issuer,
    ...(account !== undefined && { account }),
    states,
    liftedHolds: lifts.length,
    ...(undone && { undone: { credit: undone.credit.map(describeUndone), holds: undone.holds } }),
  }
}

function describeUndone({ taken, spent, currency }: UndoneCredit) {
  return {
    taken: describeMoney({ units: BigInt(taken), currency }),
    spent: describeMoney({ units: BigInt(spent), currency }),
  }
}

const NOT_READ: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'What the key signed cannot be read now. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const NOT_UNDONE: EndpointProblem = {
  ...NOT_READ,
  detail: 'It is not known whether all of this page is undone. Ask again: each event is undone once.',
}
const STILL_TRUSTED: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: 'The key is still trusted: it may sign more while this is undone. Send {"distrust": …} first.',
}
