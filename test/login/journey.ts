import { expect } from 'vitest'
import { agreed } from './fakelogin.ts'
import { FROM_ELSEWHERE, linksOf, type Reader } from './reader.ts'

/** The reader follows a link, and is sent to another site. Returns where. */
export async function leave(path: string | undefined, reader: Reader): Promise<string> {
  const response = await reader.open(path ?? '/nowhere')
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}

/** The other side of a login sends the reader back. */
export function sendBack(
  parameters: URLSearchParams,
  reader: Reader,
  name = 'ident',
  fields = FROM_ELSEWHERE,
): Promise<Response> {
  return reader.open(`/__faregate/return/${name}?${parameters.toString()}`, fields)
}

/** The same, after the reader agreed to what that page shows. */
export function comeBack(location: string, reader: Reader): Promise<Response> {
  return sendBack(agreed(location), reader)
}

export function tripsOf(reader: Reader): readonly string[] {
  return reader.names().filter((name) => name.startsWith('__Host-faregate-trip-'))
}

/** A return that ended nothing: a page in plain words, no cookie, nobody signed in. */
export async function expectStranger(response: Response): Promise<void> {
  expect(response.status).toBe(400)
  expect(response.headers.getSetCookie()).toEqual([])
  const page = await response.clone().text()
  expect(page).toContain('This cannot be finished here')
  expect(page).not.toMatch(/token|credential|JWT|state\b|cookie/i)
  expect(await linksOf(response)).toMatchObject({ 'Go to the home page': '/', 'Sign in': '/__faregate/sign-in?to=%2F' })
}
