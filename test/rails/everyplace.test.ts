import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, type TokenPlace } from '../../src/index.ts'
import { zoneFaults } from '../support/compiled.ts'
import { createGate, leaked } from '../tokens/hostile/gate.ts'
import { goodToken, makeParties, type Parties } from '../tokens/hostile/parties.ts'

let parties: Parties
let token: string

beforeAll(async () => {
  parties = await makeParties()
  token = await goodToken(parties)
})

type Fields = Record<string, string>

/** Where clients put a token that can put it nowhere else, and the place that takes it there. */
const WAYS: readonly (readonly [name: string, place: TokenPlace, fields: (sent: string) => Fields])[] = [
  // Clients make `Basic` of it: a URL with a password is not sent as such.
  ['https://x:TOKEN@host/feed', { basic: 'password' }, (sent) => ({ authorization: `Basic ${btoa(`x:${sent}`)}` })],
  ['X-Api-Key', { field: 'X-Api-Key' }, (sent) => ({ 'x-api-key': sent })],
  ['Authorization: Token', { scheme: 'Token' }, (sent) => ({ authorization: `Token ${sent}` })],
  ['Authorization: JWT', { scheme: 'JWT' }, (sent) => ({ authorization: `JWT ${sent}` })],
  [
    'Sec-WebSocket-Protocol: bearer, TOKEN',
    { webSocketProtocol: 'bearer' },
    (sent) => ({ upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-protocol': `bearer, ${sent}` }),
  ],
]

const ask = async (rails: ReturnType<typeof bearer>[], fields: Fields, query = '') => {
  const request = new Request(`https://news.example/api/1${query}`, {
    headers: { ...fields, 'sec-fetch-site': 'none' },
  })
  return createGate(parties, rails).ask(request)
}

describe.each(WAYS)('a token in %s', (_name, place, fields) => {
  it('opens what it is for, if the place is configured, and does not reach the origin', async () => {
    const answer = await ask([bearer({ from: [place] })], fields(token))
    expect(answer.status).toBe(200)
    const sent = answer.received.flatMap(({ headers }) => Array.from(headers, (pair) => pair.join(': '))).join('\n')
    expect(leaked(token, sent)).toBeUndefined()
  })

  it('opens nothing if it is not, nor if another place is', async () => {
    const others = WAYS.map(([, other]) => other).filter((other) => other !== place)
    for (const rails of [[bearer()], [bearer({ from: others })]])
      expect(await ask(rails, fields(token))).toMatchObject({ status: 402, reason: 'payment-required', received: [] })
  })
})

describe('a token of an account', () => {
  it.each(['token', 'access_token'])('opens nothing in the URL, whatever is configured: ?%s=', async (name) => {
    const rails = [bearer({ from: WAYS.map(([, place]) => place) })]
    expect(await ask(rails, {}, `?${name}=${token}`)).toMatchObject({ status: 402, reason: 'payment-required' })
    expect(zoneFaults({ rails: [bearer({ from: [{ parameter: name, route: '/feed/*' } as never] })] })).toHaveLength(1)
  })

  it('has no place in Proxy-Authorization, which ends at the next proxy', async () => {
    expect(zoneFaults({ rails: [bearer({ from: [{ field: 'Proxy-Authorization' }] })] })).toHaveLength(1)
    const answer = await ask([bearer()], { 'proxy-authorization': `Bearer ${token}` })
    expect(answer).toMatchObject({ status: 402, reason: 'payment-required' })
  })
})
