import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { makeKeys } from '../../support/issuer.ts'
import {
  startBoth,
  type Answer,
  waitFor,
  freshToken,
  type Gate,
  type JwksServer,
  outcome,
  answerKeys,
  SERVED,
  startJwks,
} from './gate.ts'

let gate: Gate
let jwks: JwksServer

const [key] = await makeKeys('key')
const elsewhere = await startJwks(answerKeys(key))
afterAll(() => elsewhere.close())
beforeEach(async () => {
  ;({ gate, jwks } = await startBoth(answerKeys(key)))
})

const send =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body)

/** One byte at a time, and none of them the last. */
const drip: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 10)
  response.on('close', () => clearInterval(timer))
}

/** As fast as it is read, for ever. */
const flood: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const chunk = ' '.repeat(64 * 1024)
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', pour)
  response.on('error', () => undefined)
  pour()
}

const bad: [name: string, answer: Answer][] = [
  ['never answers', () => undefined],
  ['answers a byte at a time', drip],
  ['never stops', flood],
  ['hangs up', (request) => void request.socket.destroy()],
  [
    'hangs up half-way',
    (request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"keys":[', () => request.socket.destroy())
    },
  ],
  ['answers 500', send(500, '{}')],
  ['answers a page', send(200, '<!doctype html><title>Maintenance</title>', { 'content-type': 'text/html' })],
  ['answers what is no set', send(200, '[]')],
  ['answers with another encoding than it says', send(200, '{"keys":[]}', { 'content-encoding': 'gzip' })],
  ['redirects elsewhere', (_request, response) => void response.writeHead(302, { location: elsewhere.url }).end()],
  ['redirects to itself', (_request, response) => void response.writeHead(302, { location: jwks.url }).end()],
]

describe('an issuer that', () => {
  it.each(bad)('%s is a 503 with Retry-After for all its tokens, and never a 402', async (_name, answer) => {
    jwks.answer = answer
    const forged = { kid: 'forged' }
    for (const token of [
      await freshToken(key),
      await freshToken(key, forged),
      await freshToken(key, { kid: undefined }),
    ]) {
      const response = await fetch(gate.page, { headers: { authorization: `Bearer ${token}` } })
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.json()).toMatchObject({ reason: 'keys-unavailable', status: 503 })
    }
    expect(elsewhere.asked).toBe(0)
    jwks.answer = answerKeys(key)
    await waitFor('the keys to be had', async () => (await outcome(gate, await freshToken(key))) === SERVED)
  })

  it.each(bad)('%s takes no keys away that it gave before', async (_name, answer) => {
    expect(await outcome(gate, await freshToken(key))).toBe(SERVED)
    jwks.answer = answer
    const asked = jwks.asked
    await waitFor('a refresh', async () => {
      expect(await outcome(gate, await freshToken(key))).toBe(SERVED)
      return jwks.asked > asked
    })
    expect(await outcome(gate, await freshToken(key))).toBe(SERVED)
  })

  it('redirects within its own origin is followed', async () => {
    jwks.answer = (request, response) => {
      if (request.url === '/moved') answerKeys(key)(request, response)
      else response.writeHead(301, { location: '/moved' }).end()
    }
    expect(await outcome(gate, await freshToken(key))).toBe(SERVED)
  })

  it('is not asked at all by a request without a token, with no token, or with one of another issuer', async () => {
    expect((await fetch(gate.page)).status).toBe(402)
    expect(await outcome(gate, 'a.b.c')).toBe('402 credential-malformed')
    expect(await outcome(gate, await freshToken(key, { alg: 'none' }))).toBe('402 credential-invalid')
    expect(await outcome(gate, await freshToken(key, { typ: 'JWT' }))).toBe('402 credential-invalid')
    expect(jwks.asked).toBe(0)
  })
})
