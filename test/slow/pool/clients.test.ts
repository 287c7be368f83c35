import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { behaviours, startUnruly, type Unruly } from '../../../demo/unruly.ts'
import { type PoolGate, startPoolGate } from './gate.ts'

// What a client does badly is no server's fault, and takes from nobody else what a server can do.

let gate: PoolGate
let server: Unruly
const sockets: Socket[] = []
/** What the server was asked last, and how that is answered. */
let asked: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined

beforeAll(async () => {
  server = await startUnruly()
  const one = { servers: [{ url: server.url, maxConcurrent: 4 }], health: { failures: 1 } }
  const limits = { stallSeconds: 0.5 }
  gate = await startPoolGate({
    bounded: { ...one, limits },
    stalls: { ...one, limits },
    late: { ...one, limits: { responseSeconds: 1 } },
    breaks: one,
    leaves: { servers: [{ url: server.url, maxConcurrent: 1 }], health: { failures: 1 } },
    slow: { ...one, limits },
    short: { servers: [{ url: server.url }], limits: { maxSessionSeconds: 1 } },
  })
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})
afterAll(async () => {
  await gate.stop()
  await server.close()
})

/** A client that writes this and reads what it is told to. */
async function speak(text: string): Promise<Socket> {
  const socket = connect(Number(new URL(gate.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

/** All that it is answered before it is left alone. */
async function answerTo(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  if (!socket.destroyed) await once(socket, 'close')
  return `${text.split(' ')[1]} ${/"reason":"([^"]+)"/.exec(text)?.[1]}`
}

async function post(zone: string, fields: string, content: string): Promise<Socket> {
  const { authorization } = await gate.paying()
  return speak(
    `POST /api/1 HTTP/1.1\r\nHost: ${zone}.localhost\r\nAuthorization: ${authorization}\r\n${fields}\r\n\r\n${content}`,
  )
}

const large: Parameters<Unruly['behave']>[0] = (_request, response) => {
  response.writeHead(200, { 'cache-control': 'no-store' })
  const piece = Buffer.alloc(1024 * 1024)
  const write = (): void => {
    while (!response.destroyed && response.write(piece));
    response.once('drain', write)
  }
  write()
}

function lastAsked(): IncomingMessage | undefined {
  return asked?.request
}

/** Answers once it has all of its request. */
const attentive: Parameters<Unruly['behave']>[0] = (request, response) => {
  asked = { request, response }
  request.on('error', () => undefined)
  request.on('end', () => behaviours.serves(request, response)).resume()
}

describe('readers of a free page who stop reading', () => {
  it('leave a quarter of what its server can do to who pays, and the rest to others when they took nothing for too long', async () => {
    await server.behave(large)
    for (let reader = 0; reader < 4; reader++) {
      const socket = await speak(`GET /large/${reader} HTTP/1.1\r\nHost: bounded.localhost\r\n\r\n`)
      const [first] = (await once(socket, 'data')) as [Buffer]
      socket.pause()
      expect(String(first).split(' ')[1]).toBe(reader < 3 ? '200' : '503')
    }
    await server.behave(behaviours.serves)
    expect(await gate.outcome('bounded', '/articles/1')).toBe('200 the page')
    await expect.poll(() => gate.outcome('bounded', '/free')).toBe('200 the page')
  })

  it('are told from a server that takes its time', async () => {
    await server.behave((_request, response) => {
      response.writeHead(200, { 'cache-control': 'no-store' }).write('the ')
      setTimeout(() => response.end('page'), 1500)
    })
    expect(await gate.outcome('slow', '/free')).toBe('200 the page')
  })
})

describe('a client whose content', () => {
  const oneOfTen = ['Content-Length: 10', '0'] as const

  it.each(['stalls', 'late'])(
    'stops after one of ten bytes is answered 408, and no server is left alone: %s',
    async (zone) => {
      await server.behave(attentive)
      for (let tries = 0; tries < 3; tries++)
        expect(await answerTo(await post(zone, ...oneOfTen))).toBe('408 request-timeout')
      await server.behave(behaviours.serves)
      expect(await gate.outcome(zone, '/articles/1')).toBe('200 the page')
    },
  )

  it.each([
    ['is chunked in no way', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['is chunked in no way after a while', '5\r\nhello\r\n0x5\r\nhello\r\n0\r\n\r\n'],
  ])('%s is answered 400, and a part of it passes for all of it nowhere', async (_what, content) => {
    await server.behave(attentive)
    asked = undefined
    const { length } = server.asked
    expect(await answerTo(await post('breaks', 'Transfer-Encoding: chunked', content))).toBe('400 request-malformed')
    if (server.asked.length > length) expect(asked).toMatchObject({ request: { complete: false } })
    await server.behave(behaviours.serves)
    expect(await gate.outcome('breaks', '/articles/1')).toBe('200 the page')
  })

  it('ends with its connection costs no server its health or its place', async () => {
    await server.behave(attentive)
    asked = undefined
    const socket = await post('leaves', ...oneOfTen)
    await expect.poll(() => asked).toBeDefined()
    socket.destroy()
    await server.behave(behaviours.serves)
    await expect.poll(() => gate.outcome('leaves', '/articles/1')).toBe('200 the page')
  })
})

it.each(['text/event-stream', 'application/x-ndjson'])(
  'an upload ends with its answer, which never would: %s',
  async (type) => {
    asked = undefined
    await server.behave((request, response) => {
      asked = { request, response }
      request.on('error', () => undefined)
      response.writeHead(200, { 'content-type': type }).write('tick\n')
    })
    const text = await answerTo(await post('short', 'Content-Length: 10', '0'))
    expect(text.startsWith('200')).toBe(true)
    const request = lastAsked()
    if (request?.destroyed === false) await new Promise((resolve) => request.once('close', resolve))
    expect(request).toMatchObject({ complete: false })
  },
)
