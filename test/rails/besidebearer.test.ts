import { beforeAll, describe, expect, it } from 'vitest'
import { bearer } from '../../src/index.ts'
import { placesAlone, SDK_TOKEN_PLACES } from '../../src/rails/placesalone.ts'
import { createGate, leaked } from '../tokens/hostile/gate.ts'
import { goodToken, makeParties, type Parties } from '../tokens/hostile/parties.ts'

let parties: Parties
let token: string

beforeAll(async () => {
  parties = await makeParties()
  token = await goodToken(parties)
})

const ask = (fields: Record<string, string>) => {
  const rails = [bearer(), placesAlone(SDK_TOKEN_PLACES)]
  return createGate(parties, rails).ask(new Request('https://news.example/api/1', { headers: fields }))
}

describe('a token where an SDK puts its key', () => {
  it.each(['x-api-key', 'x-goog-api-key', 'api-key'])(
    'opens what it is for in %s, and reaches no origin',
    async (name) => {
      const answer = await ask({ [name]: token })
      expect(answer.status).toBe(200)
      const sent = answer.received.flatMap(({ headers }) => Array.from(headers, (pair) => pair.join(': '))).join('\n')
      expect(leaked(token, sent)).toBeUndefined()
    },
  )

  it('counts beside a placeholder in Authorization, and beside itself', async () => {
    expect((await ask({ authorization: 'Bearer dummy', 'x-api-key': token })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${token}`, 'x-api-key': token })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${token}`, 'x-api-key': 'dummy' })).status).toBe(200)
  })

  it('is ambiguous beside another token', async () => {
    const other = `${token.slice(0, -8)}AAAAAAAA`
    expect(await ask({ authorization: `Bearer ${token}`, 'x-api-key': other })).toMatchObject({
      status: 402,
      reason: 'credential-ambiguous',
      received: [],
    })
  })

  it('that is there twice reaches no origin either', async () => {
    const answer = await ask({ authorization: `Bearer ${token}`, 'x-api-key': `${token}, ${token}` })
    const sent = answer.received.flatMap(({ headers }) => Array.from(headers, (pair) => pair.join(': '))).join('\n')
    expect([answer.status, leaked(token, sent)]).toEqual([200, undefined])
  })

  it('leaves the key of another service in its field', async () => {
    const answer = await ask({ authorization: `Bearer ${token}`, 'x-api-key': 'sk-of-another-service' })
    expect(answer.received[0]?.headers.get('x-api-key')).toBe('sk-of-another-service')
  })
})
