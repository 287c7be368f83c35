import { ending } from './rules/fields.ts'
import { dateText } from './date.ts'

/**
 * Makes a received response fit to be sent on and stored. Removes the fields that end at this hop (RFC 9110 §7.6.1),
 * removes a length that does not hold (RFC 9112 §6.3), and adds the date of receipt if there is no `Date` (RFC 9110
 * §6.6.1). Returns the same object if nothing had to be changed, or if `isChangeable`.
 */
export function received(response: Response, now: number, isChangeable = false): Response {
  const { headers, status } = response
  if (status === 101) return response
  const ended = ending(headers.get('connection')).filter((name) => headers.has(name))
  const stated = headers.get('content-length')
  const length = stated === null ? null : lengthOf(stated, response)
  const isDated = headers.has('date')
  if (ended.length === 0 && length === stated && isDated) return response
  const copy = isChangeable ? response : new Response(response.body, response)
  for (const name of ended) copy.headers.delete(name)
  if (length === null) copy.headers.delete('content-length')
  else copy.headers.set('content-length', length)
  if (!isDated) copy.headers.set('date', dateText(now))
  return copy
}

/**
 * Returns the one length stated, or null. A list of equal lengths is one length. No length counts beside
 * `Transfer-Encoding`, and 204 has none (RFC 9110 §8.6).
 */
function lengthOf(stated: string, { headers, status }: Response): string | null {
  if (status === 204 || headers.has('transfer-encoding')) return null
  const [first = '', ...others] = stated.split(',').map((length) => length.trim())
  return /^\d+$/.test(first) && others.every((length) => length === first) ? first : null
}
