import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { linksOf, FROM_ELSEWHERE, Reader } from './reader.ts'
import { TripWorld } from './world.ts'

let login: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  login = new FakeLogin({ offers: [{ name: 'monthly', title: 'Monthly', price: '5 EUR a month' }] })
  world = new TripWorld([login])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const RETURN = '/__faregate/return/ident'

/** The reader follows a link, and is sent to another site. */
async function leave(path: string, by = reader): Promise<string> {
  const response = await by.open(path)
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}

function comeBack(location: string, by = reader, parameters = agreed(location)): Promise<Response> {
  return by.open(`${RETURN}?${parameters.toString()}`, FROM_ELSEWHERE)
}

describe('a reader who signs in', () => {
  it('goes from the refused page to the login and back to the page', async () => {
    const refused = await reader.open('/articles/1?a=b')
    expect(refused.status).toBe(402)
    const { 'Sign in': signIn = '' } = await linksOf(refused)
    const location = await leave(signIn)
    expect(new URL(location).origin).toBe('https://ident.example')
    const done = await comeBack(location)
    expect(done.status).toBe(200)
    const page = await done.text()
    expect(page).toContain('<meta http-equiv="refresh" content="0; url=/articles/1?a=b">')
    expect(reader.names()).toEqual(['__Host-faregate'])
    expect((await reader.open('/articles/1?a=b')).status).toBe(200)
  })

  it('comes back to the page as it was left, after turning back', async () => {
    const location = await leave('/__faregate/sign-in?to=/articles/1')
    const back = await comeBack(location, reader, declined(location))
    expect([back.status, back.headers.get('location')]).toEqual([303, '/articles/1'])
    expect(reader.names()).toEqual([])
  })
})
