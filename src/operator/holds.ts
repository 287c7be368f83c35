import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { AuditRecord } from '../ledger/rules/audit.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Services } from '../services.ts'
import type { KnownBulletin } from '../standing/rules/delta.ts'
import type { Zone } from '../zone.ts'
import type { DashboardHouse, PresentOperator } from './house.ts'
import { sealOrder } from './orders.ts'
import { type HeldSubject, heldIn } from './rules/holds.ts'
import type { ShownHold, ShownHolds } from './rules/shownhold.ts'

/** Each costs a call to a ledger, which knows who placed it. */
const MOST_SHOWN = 20

/** Returns who is held in a zone, by its bulletin. Undefined if that cannot be read now. */
export async function showHolds(
  known: Result<KnownBulletin, Refusal> | undefined,
  zone: Zone,
  present: PresentOperator,
  now: number,
  house: DashboardHouse,
): Promise<ShownHolds | undefined> {
  if (known?.ok !== true) return undefined
  const held = heldIn(known.value.entries, now / 1000)
  const shown = held.slice(0, MOST_SHOWN).map((one) => describe(one, zone, present, house))
  const lookUp = { order: 'lookup', body: {}, asks: ['account', 'issuer', 'reference'] }
  return {
    shown: await Promise.all(shown),
    more: Math.max(0, held.length - MOST_SHOWN),
    lookUp: mayPress('lookup', present, house) ? await sealOrder(lookUp, present.session, zone) : '',
    hasIssuers: new Set(zone.issuers.map(({ issuer }) => issuer)).size > 1,
  }
}

/** Returns true if the page has a button for the order: on a zone's host, where each brings its token, for everybody. */
export function mayPress(path: string, { scopes }: PresentOperator, { orders, place }: DashboardHouse): boolean {
  const order = orders.get(path)
  return order !== undefined && (place === undefined || scopes.includes(order.scope))
}

async function describe(
  held: HeldSubject,
  zone: Zone,
  present: PresentOperator,
  house: DashboardHouse,
): Promise<ShownHold> {
  const { issuer, account, jti, since, until, names } = held
  const { hashAccount, ledgers } = house.services
  const body = { issuer, lift: true, ...(account !== undefined && { account }), ...(jti !== undefined && { jti }) }
  const [hash, by, lift] = await Promise.all([
    hashAccount?.(zone.id, issuer, account ?? jti ?? ''),
    authorOf(held, zone, ledgers),
    mayPress('hold', present, house) ? sealOrder({ order: 'hold', body }, present.session, zone) : '',
  ])
  return { kind: account === undefined ? 'token' : 'account', hash, by, since, until, names, lift }
}

const LAST_RECORDS = 50

/** Asks the ledger of the account or token who placed the last hold. */
async function authorOf(
  { issuer, account, jti = '' }: HeldSubject,
  zone: Zone,
  ledgers: Services['ledgers'],
): Promise<string | undefined> {
  if (ledgers === undefined) return undefined
  const holder =
    account === undefined
      ? ({ from: 'receipt', issuer, jti } as const)
      : ({ from: 'account', issuer, account } as const)
  const ledger = openLedger(ledgers, zone, holder)
  const read = async (after: number): Promise<string | undefined> => {
    const page = await ledger.order('audit', { after, most: LAST_RECORDS })
    if (!page.ok) return undefined
    const { records, last } = page.value
    const isEnd = last === undefined || records.at(-1)?.number === last.number
    return isEnd ? records.findLast(isHold)?.by : read(Math.max(after + LAST_RECORDS, last.number - LAST_RECORDS))
  }
  return withTimeout(read(0), LEDGER_MS).catch(() => undefined)
}

function isHold({ action }: AuditRecord): boolean {
  return action === 'hold'
}
