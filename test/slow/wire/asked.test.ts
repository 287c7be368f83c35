import { beforeEach, describe, expect, it } from 'vitest'
import { fieldOf } from '../attacks/wire.ts'
import { startWireGate } from './gate.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startWireGate())
beforeEach(() => {
  gate.seen.length = 0
})

/** A path of each kind of route: a shared copy, none for a paid page, none for a free one. */
const PATHS = ['/articles/', '/off/', '/free/']

let count = 0

/** What the origin is told in a field by a client that sends these, on a route that begins so. */
async function told(route: string, name: string, fields: readonly string[]): Promise<string | undefined> {
  const path = `${route}${count++}`
  gate.answers.set(path, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVary: Accept-Encoding\r\n\r\nok')
  expect((await gate.ask(path, { fields }))?.status).toBe(200)
  return fieldOf({ status: 0, head: gate.seen.at(-1) ?? '', body: '' }, name)
}

describe('an origin', () => {
  it.each(PATHS)('is not told no-cache by a client that did not say it: %s', async (route) => {
    expect(await told(route, 'cache-control', [])).toBeUndefined()
    expect(await told(route, 'pragma', [])).toBeUndefined()
  })

  it.each(['/off/', '/free/'])(
    'is told no-cache by a client that said it, where nothing is shared: %s',
    async (route) => {
      expect(await told(route, 'cache-control', ['Cache-Control: no-cache'])).toBe('no-cache')
      expect(await told(route, 'pragma', ['Cache-Control: no-cache'])).toBeUndefined()
      expect(await told(route, 'pragma', ['Pragma: no-cache'])).toBe('no-cache')
    },
  )

  it.each(PATHS)('is told identity by a client that takes nothing else: %s', async (route) => {
    expect(await told(route, 'accept-encoding', ['Accept-Encoding: identity'])).toBe('identity')
  })

  it('is told identity for the copy of all that do not say what they can read', async () => {
    for (const fields of [[], ['Accept-Encoding:'], ['Accept-Encoding: compress'], ['Accept-Encoding: gzip;q=0']]) {
      expect(await told('/articles/', 'accept-encoding', fields), fields.join()).toBe('identity')
    }
  })

  it.each(['/off/', '/free/'])('is told of no coding by a client that says nothing: %s', async (route) => {
    expect(await told(route, 'accept-encoding', [])).toBeUndefined()
  })
})
