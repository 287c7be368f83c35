import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type UrlParameter, withoutMatchesIn, withoutParameter } from '../http/rules/parameter.ts'
import type { PlaceReader } from '../rails/places.ts'
import { readCompact } from '../tokens/jws.ts'
import { IN_TEXT, isFeedToken, OTHER_KIND } from './token.ts'

/** The name of the place, in refusals and in explanations. */
export const IN_URL = 'URL'

/** The fields in which clients repeat the URL of a page: some do so after a redirect, whatever the referrer policy. */
const TELL_URLS = ['referer', 'hx-current-url']

/** Reads feed tokens from a parameter of the URL, on the routes of the rail alone. */
export function urlPlace(parameters: readonly UrlParameter[]): PlaceReader {
  return {
    field: IN_URL,
    find({ inUrl }) {
      const isHere = inUrl?.counts === true && parameters.some((one) => isOf(one, inUrl))
      return isHere ? tokenAmong(inUrl.values) : undefined
    },
    strip(fields) {
      for (const name of TELL_URLS) {
        const url = fields.get(name)
        if (url?.includes('?') === true) fields.set(name, withoutParameters(url, parameters))
      }
      for (const [name, value] of Array.from(fields)) stripFrom(fields, name, value)
    },
  }
}

function isOf({ parameter, route }: UrlParameter, other: UrlParameter): boolean {
  return parameter === other.parameter && route === other.route
}

/** Returns undefined for an empty value, which is no credential. */
function tokenAmong([value = '', ...others]: readonly string[]): Result<string, Refusal> | undefined {
  if (others.length > 0 || value.includes(',')) return err(AMBIGUOUS)
  if (value === '' || isFeedToken(value)) return value === '' ? undefined : ok(value)
  const other = readCompact(value)
  return other.ok ? err(OTHER_KIND) : other
}

const AMBIGUOUS = /* @__PURE__ */ refusal('credential-ambiguous', 'The URL has more than one token.', {
  check: 'spelling',
})

function withoutParameters(url: string, parameters: readonly UrlParameter[]): string {
  return parameters.reduce(withoutParameter, url)
}

/** Removes feed tokens from a field that is not for them. */
function stripFrom(fields: Headers, name: string, value: string): void {
  const rest = withoutMatchesIn(value, IN_TEXT, '')
  if (rest === value) return
  if (rest === '' || name === 'authorization') fields.delete(name)
  else fields.set(name, rest)
}
