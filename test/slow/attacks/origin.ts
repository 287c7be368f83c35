import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { secretReading } from './readers.ts'
import { readChunks } from './wire.ts'
import { open } from '../../../tools/loopback.ts'

/** A request as it reached the origin, byte for byte. */
export type Arrival = {
  readonly method: string
  readonly target: string
  /** The request line and the fields. */
  readonly head: string
  readonly body: string
}

export type Origin = {
  readonly url: string
  /** Every request since the last `forget`. */
  readonly arrivals: readonly Arrival[]
  /** Bytes that were no request, where one should have begun. */
  readonly strays: readonly string[]
  readonly forget: () => void
  readonly stop: () => Promise<void>
}

/** What a page that is for sale says. */
export const SECRET = 'SECRET'

/**
 * An origin over a raw socket. It serves the paid page to whoever asks for it by any spelling that some server would
 * read as that page, and says in the body which readers did.
 */
export async function startOrigin(): Promise<Origin> {
  const arrivals: Arrival[] = []
  const strays: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      for (let read = readArrival(bytes); read !== undefined; read = readArrival(bytes)) {
        if (read.arrival === undefined) {
          strays.push(bytes.toString('latin1'))
          socket.destroy()
          return
        }
        bytes = read.rest
        arrivals.push(read.arrival)
        socket.write(respond(read.arrival))
      }
    })
  })
  return {
    url: await open(server),
    arrivals,
    strays,
    forget: () => {
      arrivals.length = 0
      strays.length = 0
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type Read = { readonly arrival: Arrival | undefined; readonly rest: Buffer }

const REQUEST_LINE = /^([A-Z-]+) (\S+) HTTP\/1\.1$/

/** The next request; nothing while it is not whole, and no arrival where the bytes are no request at all. */
function readArrival(bytes: Buffer): Read | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const line = REQUEST_LINE.exec(head.slice(0, head.indexOf('\r\n')))
  if (line === null) return { arrival: undefined, rest: bytes }
  const [, method = '', target = ''] = line
  const after = bytes.subarray(end + 4)
  const whole = (body: Buffer, rest: Buffer): Read => ({
    arrival: { method, target, head, body: body.toString('latin1') },
    rest,
  })
  if (/^transfer-encoding:/im.test(head)) {
    const chunks = readChunks(after)
    return chunks === undefined ? undefined : whole(chunks.content, chunks.rest)
  }
  const size = Number(/^content-length:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0)
  return after.length < size ? undefined : whole(after.subarray(0, size), after.subarray(size))
}

function respond({ method, target }: Arrival): string {
  const reader = secretReading(target)
  const page = reader === undefined ? 'a free page' : `${SECRET} to ${reader}`
  const body = Buffer.from(`${page}\n${target}`, 'latin1')
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${
    method === 'HEAD' ? '' : body.toString('latin1')
  }`
}
