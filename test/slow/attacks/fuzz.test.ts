import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { exportJWK, generateKeyPair } from 'jose'
import { Hono, type MiddlewareHandler } from 'hono'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Config } from '../../../src/index.ts'
import { config } from './config.ts'
import { type Gate, startGate } from './gate.ts'
import { createRandom, makeHead } from './heads.ts'
import { SECRET } from './origin.ts'

const HEADS = 20_000
const SEED = 20_261_128
const CONNECTIONS = 24

/** What the app has for sale: `/forms` is, but for a POST. */
const SOLD = /^\/(?:articles|members)(?:\/|$)/

interface Said {
  readonly status: number | undefined
  readonly text: string
}

/** What is answered to a head on a connection of its own, until the answer has begun and its connection is quiet or closed. */
function say(port: number, head: string): Promise<Said> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    let text = ''
    const done = (): void => {
      socket.destroy()
      resolve({ status: text === '' ? undefined : Number(text.slice(9, 12)), text })
    }
    socket.on('error', done).on('close', done).on('end', done)
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    // The end of what is sent has the server answer at once, and close.
    socket.end(Buffer.from(head, 'latin1'))
  })
}

/** Says every head, so many at a time. */
async function sayAll(port: number, heads: readonly string[], look: (head: string, said: Said) => void): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    for (let index = next++; index < heads.length; index = next++) {
      const head = heads[index] ?? ''
      look(head, await say(port, head))
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
}

const random = createRandom(SEED)
const heads = Array.from({ length: HEADS }, () => makeHead(random))

/** What no head may bring about, and that enough of them were answered for that to say something. */
async function expectNoneToBreak(port: number): Promise<void> {
  const broken: string[] = []
  const opened: string[] = []
  const counts = new Map<number | undefined, number>()
  await sayAll(port, heads, (head, { status, text }) => {
    counts.set(status, (counts.get(status) ?? 0) + 1)
    // To CONNECT plain workerd answers itself, and shows it to no Worker.
    const isOurs = !head.startsWith('CONNECT')
    if ((status === 500 && isOurs) || text.includes('internal-error')) broken.push(head)
    if (text.includes(SECRET)) opened.push(head)
  })
  expect(broken.slice(0, 3)).toEqual([])
  expect(opened.slice(0, 3)).toEqual([])
  for (const status of [200, 400, 402, 405, 421])
    expect([status, counts.get(status)]).toEqual([status, expect.any(Number)])
}

describe('twenty thousand heads, most of them hostile', () => {
  let gate: Gate
  let server: Server

  beforeAll(async () => {
    gate = await startGate('free')
    const { publicKey } = await generateKeyPair('ES256')
    const env = { JWK: JSON.stringify(await exportJWK(publicKey)), ORIGIN_URL: 'http://127.0.0.1:9' }
    const made = typeof config === 'function' ? config(env) : config
    // Its types are those of Workers, which Node's differ from.
    const { href } = new URL('../../../src/platform/hono/index.ts', import.meta.url)
    const { paywall } = (await import(href)) as { paywall: (config: Config) => MiddlewareHandler }
    const app = new Hono().use(paywall(made)).all('*', (c) => c.text(SOLD.test(c.req.path) ? SECRET : 'free'))
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
    server = createServer((request, response) => void listener(request, response)).listen(0, '127.0.0.1')
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    server.closeAllConnections()
    server.close()
    await gate.stop()
  })

  it('bring the gate to no 500 and open no page that is for sale', async () => {
    await expectNoneToBreak(gate.port)
  })

  it('bring an app behind the middleware to none either', async () => {
    await expectNoneToBreak((server.address() as AddressInfo).port)
  })

  it('reach the origin with the content of a GET where nobody shares the answer', async () => {
    gate.origin.forget()
    await say(
      gate.port,
      'GET /free/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello',
    )
    expect(gate.origin.arrivals.map(({ method, body }) => [method, body])).toEqual([['GET', 'hello']])
  })

  it.each([
    ['localhost:99999', 421],
    ['localhost:', 200],
    ['localhost:000080', 200],
    ['localhost:-1', 421],
    ['localhost:8080:9', 421],
  ])('a host with the port of %s is answered %d', async (host, status) => {
    expect((await say(gate.port, `GET /free/1 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status).toBe(
      status,
    )
  })
})
