import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { open, shut } from '../../../tools/loopback.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

let origin: Server
let gate: Workerd
let token: string
/** Its sockets, which have left its server. */
const sockets: Duplex[] = []
/** What the origin was asked for. */
const asked: (string | undefined)[] = []

/** An origin that opens every socket, and chooses the last subprotocol that is asked for in its own words (`v…`). */
function createOrigin(): Server {
  return createServer().on('upgrade', ({ headers }, socket) => {
    const protocols = headers['sec-websocket-protocol']
    asked.push(protocols)
    const chosen = protocols?.split(', ').findLast((name) => name.startsWith('v'))
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${ACCEPT}`).digest('base64')
    const fields = [
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      ...(chosen === undefined ? [] : [`Sec-WebSocket-Protocol: ${chosen}`]),
    ]
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n`)
    sockets.push(socket.on('error', () => undefined))
  })
}

beforeAll(async () => {
  origin = createOrigin()
  gate = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    vars: { TOKEN_SECRET: SECRET, ORIGIN_URL: await open(origin) },
  })
  const now = Math.floor(Date.now() / 1000)
  const names = { iss: 'https://places.test', aud: 'https://places.test', sub: 'account-7' }
  token = await sign(await secretKey(SECRET), { ...names, iat: now, exp: now + 600, entitlements: ['premium'] })
})
afterAll(async () => {
  await gate.stop()
  for (const socket of sockets) socket.destroy()
  await shut(origin)
})

/** The subprotocol that a client, which holds to what browsers do, was given; or that it was given no socket. */
function opened(path: string, protocols: string[]): Promise<string> {
  const socket = new WebSocket(`${gate.url.replace('http', 'ws')}${path}`, protocols)
  return new Promise((resolve) => {
    socket.addEventListener('open', () => {
      resolve(socket.protocol)
      socket.close()
    })
    socket.addEventListener('error', () => resolve('no socket'))
  })
}

describe.each(['/paid/1', '/free/1'])('a WebSocket at %s', (path) => {
  it('is opened by a token among its subprotocols, which the answer does not choose and the origin does not see', async () => {
    asked.length = 0
    expect(await opened(path, ['bearer', token])).toBe('bearer')
    expect(await opened(path, ['v1', 'bearer', token])).toBe('v1')
    expect(await opened(path, ['v1', 'v2', 'bearer', token, 'x'])).toBe('v2')
    expect(asked).toEqual([undefined, 'v1', 'v1, v2, x'])
  })
})

describe('without a token', () => {
  it('no socket is opened', async () => {
    expect(await opened('/paid/1', ['v1'])).toBe('no socket')
    expect(await opened('/paid/1', ['v1', 'bearer', `${token.slice(0, -4)}AAAA`])).toBe('no socket')
  })
})
