import * as v from 'valibot'
import { JURISDICTIONS, type LedgerPlace, LOCATION_HINTS, type ZonePlaces } from '../ledger/rules/place.ts'

/** The schema of `ledger` of a zone. */
export const ledgerSchema = v.strictObject({
  jurisdiction: v.optional(v.picklist(JURISDICTIONS, `expected a jurisdiction: ${JURISDICTIONS.join(', ')}`)),
  locationHint: v.optional(v.picklist(LOCATION_HINTS, `expected a location hint: ${LOCATION_HINTS.join(', ')}`)),
})

const HISTORY = 'expected a number of days from 1 to 400'

/** The schema of `ledger` of the whole configuration. */
export const ledgersSchema = v.strictObject({
  ...ledgerSchema.entries,
  history: v.optional(v.pipe(v.number(HISTORY), v.integer(HISTORY), v.minValue(1, HISTORY), v.maxValue(400, HISTORY))),
})

type CheckedLedger = v.InferOutput<typeof ledgerSchema>

/** Compiles the places of a zone. `shared` are the options of the whole configuration, and hold for a zone without its own. */
export function compilePlaces(shared: CheckedLedger | undefined, own: CheckedLedger | undefined = shared): ZonePlaces {
  return { own: placeOf(own), shared: placeOf(shared) }
}

function placeOf({ jurisdiction, locationHint }: CheckedLedger = {}): LedgerPlace {
  return { ...(jurisdiction && { jurisdiction }), ...(locationHint && { locationHint }) }
}
