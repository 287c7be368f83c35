import { type Exchange, type Fields } from '../../http/rules/exchange.ts'
import { isSameField } from '../../http/rules/fields.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import type { PlaceReader } from '../places.ts'
import { withoutMatchesIn } from '../../http/rules/parameter.ts'
import { KEY_IN_TEXT, KEY_PREFIX } from './format.ts'

/** A key anywhere in a field. Another service's key in the same field is the origin's. */
const HAS_KEY = /(?:^|[\s,;:="])fg_/

function fieldPlace(field: string): PlaceReader {
  return {
    field,
    find: ({ fields }) => keyIn(fields.get(field), field),
    strip(fields) {
      for (const name of Array.from(fields.keys()))
        if (isSameField(name, field) && HAS_KEY.test(fields.get(name) ?? '')) fields.delete(name)
    },
  }
}

function keyIn(text: string | null, field: string): Result<string, Refusal> | undefined {
  if (text === null || !HAS_KEY.test(text)) return undefined
  return /[\s,]/.test(text) ? err(notOne(field)) : ok(text)
}

function notOne(field: string): Refusal {
  return refusal('credential-ambiguous', `The "${field}" field is not one API key and nothing else.`, {
    check: 'spelling',
  })
}

const BASIC_PLACE: PlaceReader = {
  field: 'Authorization',
  carrier: 'other',
  find: ({ fields }: Exchange) => keyIn(inBasic(fields) ?? null, 'Authorization'),
  strip(fields) {
    const pair = pairIn(fields) ?? ''
    const isKey = pair.search(KEY_IN_TEXT) >= 0 || HAS_KEY.test(fields.get('authorization') ?? '')
    if (isKey || inBasic(fields) !== undefined) fields.delete('authorization')
  },
}

/** Returns the key in `Authorization: Basic`: the password, or the user name beside an empty password. */
function inBasic(fields: Fields): string | undefined {
  const pair = pairIn(fields)
  if (pair === undefined) return undefined
  const colon = pair.indexOf(':')
  const [user, password] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1)]
  const key = password === '' ? user : password
  return colon >= 0 && key.startsWith(KEY_PREFIX) ? key : undefined
}

/** Returns the decoded pair of `Authorization: Basic`. */
function pairIn(fields: Fields): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(fields.get('authorization') ?? '') ?? []
  return encoded === undefined ? undefined : decoded(encoded)
}

function decoded(encoded: string): string {
  try {
    return atob(encoded)
  } catch {
    return ''
  }
}

/** Where SDKs put a key, beside `Authorization: Bearer`. */
export const KEY_PLACES: readonly PlaceReader[] = [
  fieldPlace('X-Api-Key'),
  fieldPlace('X-Goog-Api-Key'),
  fieldPlace('Api-Key'),
  BASIC_PLACE,
]

/**
 * Removes keys from fields that are not for them: from `Referer`, whose URL a client repeats, from another cookie, or from a
 * field that the configuration does not name.
 */
export function stripAnywhere(fields: Headers): void {
  for (const [name, value] of Array.from(fields)) {
    if (!value.includes(KEY_PREFIX) && !value.includes('%')) continue
    const rest = withoutMatchesIn(value.replaceAll(KEY_IN_TEXT, ''), KEY_IN_TEXT, '')
    if (rest !== value) fields.set(name, rest)
  }
}
