/**
 * Where ledgers are kept, on a platform that has places.
 *
 * The same name in another jurisdiction is another, empty ledger, so a place is part of what finds a ledger. The ledger of
 * an account and the bulletin belong to one zone, and are where the zone says. A receipt and a payment may be spent in any
 * zone, but only once: theirs must be one ledger whoever asks, and is where the whole deployment says.
 */
import { type Holder, ledgerName, type ZoneId } from './name.ts'

/** The jurisdictions of Durable Objects. */
export const JURISDICTIONS = ['eu', 'us', 'fedramp', 'fedramp-high'] as const
/** The location hints of Durable Objects. */
export const LOCATION_HINTS = [
  'wnam',
  'enam',
  'sam',
  'weur',
  'eeur',
  'apac',
  'apac-ne',
  'apac-se',
  'oc',
  'afr',
  'me',
] as const

/** The place of a ledger or bulletin. */
export interface LedgerPlace {
  readonly jurisdiction?: (typeof JURISDICTIONS)[number]
  /** Counts only for a ledger that does not exist yet. */
  readonly locationHint?: (typeof LOCATION_HINTS)[number]
}

/** The places of a zone's ledgers. */
export interface ZonePlaces {
  /** Of the ledgers of its accounts and of itself, and of its bulletin. */
  readonly own: LedgerPlace
  /** Of the ledgers of receipts and payments: the same for all zones. */
  readonly shared: LedgerPlace
}

interface PlacedZone extends ZoneId {
  readonly places: ZonePlaces
}

/** Opens the ledger of a holder, where it is kept. */
export function openLedger<T>(ledgers: (name: string, place: LedgerPlace) => T, zone: PlacedZone, holder: Holder): T {
  const { own, shared } = zone.places
  const isOwn = holder.from === 'account' || holder.from === 'zone'
  return ledgers(ledgerName(zone, holder), isOwn ? own : shared)
}
