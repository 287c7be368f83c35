import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setsOurCookie } from '../../../src/http/rules/setcookie.ts'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

const OURS = [
  '__Host-faregate=planted; Path=/; Secure; HttpOnly',
  '__Host-faregate-gift=planted; Path=/; Secure',
  '__host-FAREGATE=planted; Path=/; Secure',
  ' \t__Host-faregate=planted; Path=/; Secure',
  '=__Host-faregate=planted; Path=/; Secure',
  ' = __Host-faregate=planted',
]
const THEIRS = [
  'session=1; Path=/',
  '__Host-session=1; Path=/; Secure',
  'theme=__Host-faregate; Path=/',
  'x__Host-faregate=1',
  '',
]

describe('a Set-Cookie field', () => {
  it.each(OURS)('is seen to plant a cookie of the gate: %j', (field) => expect(setsOurCookie(field)).toBe(true))
  it.each(THEIRS)('is the origin’s own affair: %j', (field) => expect(setsOurCookie(field)).toBe(false))
})

describe('an origin’s page that would sign its reader in as someone else', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld()
  })
  afterEach(() => world.end())

  async function cookiesOf(path: string, init: RequestInit = {}): Promise<string[]> {
    const token = await world.token({ entitlements: ['premium', 'api'] })
    const headers = { ...withToken(token).headers, ...(init.headers as Record<string, string>) }
    const response = await ask(path, { ...init, headers })
    response.webSocket?.accept()
    response.webSocket?.close()
    return response.headers.getSetCookie()
  }

  const own = 'session=1; Path=/'
  function fields(): Headers {
    const headers = new Headers()
    for (const field of [OURS[0] ?? '', own, OURS[1] ?? '']) headers.append('set-cookie', field)
    return headers
  }

  it.each(['/free/1', '/free/shared/1', '/articles/1', '/api/1', '/mine/1', '/plans/1'])(
    'leaves without that cookie, and keeps its others: %s',
    async (path) => {
      world.origin = () => new Response('x', { headers: fields() })
      expect(await cookiesOf(path)).toEqual([own])
    },
  )

  it.each(['/free/socket', '/live/socket'])('cannot do so in a handshake either: %s', async (path) => {
    world.origin = () => {
      const { 0: far, 1: near } = new WebSocketPair()
      near.accept()
      return new Response(null, { status: 101, webSocket: far, headers: fields() })
    }
    expect(await cookiesOf(path, { headers: { upgrade: 'websocket' } })).toEqual([own])
  })
})
