import { isTokenLike, type PlaceReader } from './places.ts'
import type { Rail } from './rail.ts'
import { ok } from '../core/result.ts'
import { isSameField } from '../http/rules/fields.ts'

/**
 * Adds places where clients send tokens, and nothing else: what is found there is offered to the rails of the zone, and reaches no
 * origin.
 */
export function placesAlone(places: readonly PlaceReader[]): Rail {
  return {
    name: 'places',
    role: 'entitlement',
    kinds: [],
    places,
    present: () => undefined,
    challenge: () => ({ fields: [], isStatic: true }),
    peek: () => undefined,
    strip(fields) {
      for (const place of places) place.strip(fields)
    },
  }
}

/** Reads tokens from a field that may also hold another service's key: that is no token, and is left alone. */
function tokenField(field: string): PlaceReader {
  return {
    field,
    isBesideBearer: true,
    find({ fields }) {
      const text = fields.get(field)?.trim() ?? ''
      return isTokenLike(text) ? ok(text) : undefined
    },
    strip(fields) {
      for (const name of Array.from(fields.keys()))
        if (isSameField(name, field) && isTokenLike(fields.get(name) ?? '')) fields.delete(name)
    },
  }
}

/** Where the SDKs of language models put their key, beside `Authorization: Bearer`: for tokens given to them as one. */
export const SDK_TOKEN_PLACES: readonly PlaceReader[] = ['X-Api-Key', 'X-Goog-Api-Key', 'Api-Key'].map(tokenField)
