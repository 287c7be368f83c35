import { isTokenLike, type PlaceReader } from './places.ts'
import type { Rail } from './rail.ts'
import { credentialStatusOf } from '../access/offer.ts'
import { match } from '../access/route.ts'
import { refusal } from '../core/problem.ts'
import { err, ok } from '../core/result.ts'
import { methodAsked } from '../http/rules/exchange.ts'
import { isSameField } from '../http/rules/fields.ts'

/**
 * Adds places where clients send tokens: what is found there is offered to the rails of the zone, and reaches no origin. Refuses a
 * request for a wrong key in one of them, if it has no other credential and its route says 401 of credentials.
 */
export function placesAlone(places: readonly PlaceReader[]): Rail {
  return {
    name: 'places',
    role: 'entitlement',
    kinds: [],
    places,
    present({ exchange, zone, receipt, sent }) {
      if (receipt !== undefined || sent !== undefined) return undefined
      const filled = places.find(({ field }) => (exchange.fields.get(field)?.trim() ?? '') !== '')
      if (filled === undefined) return undefined
      const route = match(zone.routes, exchange.target, methodAsked(exchange.method, exchange.fields))
      if (!route.ok || credentialStatusOf(route.value) !== 401) return undefined
      const detail = `What is in the "${filled.field}" field is no key or token of this site.`
      const proof = err(refusal('credential-malformed', detail, { check: 'spelling' }))
      return { role: 'entitlement', rail: 'places', proof }
    },
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
        if (isSameField(name, field) && hasToken(fields.get(name) ?? '')) fields.delete(name)
    },
  }
}

/** Returns true if a field has a token in it: a field that is sent twice is one with both. */
function hasToken(text: string): boolean {
  return text.split(/[\s,]+/).some(isTokenLike)
}

/** Where the SDKs of language models put their key, beside `Authorization: Bearer`: for tokens given to them as one. */
export const SDK_TOKEN_PLACES: readonly PlaceReader[] = ['X-Api-Key', 'X-Goog-Api-Key', 'Api-Key'].map(tokenField)
