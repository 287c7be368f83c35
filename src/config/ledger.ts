import * as v from 'valibot'
import { JURISDICTIONS, type LedgerPlace, LOCATION_HINTS, type ZonePlaces } from '../ledger/rules/place.ts'

/** The schema of `ledger`, for the whole configuration and for a zone. */
export const ledgerSchema = v.strictObject({
  jurisdiction: v.optional(v.picklist(JURISDICTIONS, `expected a jurisdiction: ${JURISDICTIONS.join(', ')}`)),
  locationHint: v.optional(v.picklist(LOCATION_HINTS, `expected a location hint: ${LOCATION_HINTS.join(', ')}`)),
})

type CheckedLedger = v.InferOutput<typeof ledgerSchema>

/** Compiles the places of a zone. `shared` are the options of the whole configuration, and hold for a zone without its own. */
export function compilePlaces(shared: CheckedLedger | undefined, own: CheckedLedger | undefined = shared): ZonePlaces {
  return { own: placeOf(own), shared: placeOf(shared) }
}

function placeOf({ jurisdiction, locationHint }: CheckedLedger = {}): LedgerPlace {
  return { ...(jurisdiction && { jurisdiction }), ...(locationHint && { locationHint }) }
}
