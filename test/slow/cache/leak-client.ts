import { once } from 'node:events'
import { type IncomingMessage, request as ask } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type Answer, parseAnswer } from '../attacks/wire.ts'

/** A client on a connection of its own, which reads when it is told and leaves when it likes. */
export type Speaker = {
  readonly socket: Socket
  /** Its request has been taken by the gate: an earlier one on the same connection has been answered. */
  readonly sent: Promise<unknown>
  /** Undefined where the gate closed the connection before the answer was whole. */
  readonly answer: Promise<Answer | undefined>
}

const GREETING = Buffer.from('GET /__faregate/none HTTP/1.1\r\nHost: localhost\r\n\r\n')

/**
 * Asks. A first request, which the gate answers by itself, goes before on the same connection: when its answer is there,
 * the gate has begun to read what comes behind it.
 */
export function speaker(port: number, request: Buffer): Speaker {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => undefined)
  const isHead = request.toString('latin1', 0, 5) === 'HEAD '
  let bytes: Buffer = Buffer.alloc(0)
  const sent = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<Answer | undefined>()
  let greeted = false
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    if (!greeted) {
      const greeting = parseAnswer(bytes, false, false)
      if (greeting === undefined) return
      greeted = true
      bytes = Buffer.from(greeting.rest)
      sent.resolve()
    }
    const parsed = parseAnswer(bytes, isHead, false)
    if (parsed !== undefined) answer.resolve(parsed.answer)
  })
  socket.on('close', () => {
    sent.resolve()
    answer.resolve(greeted ? parseAnswer(bytes, isHead, true)?.answer : undefined)
  })
  void answer.promise.then(() => socket.destroy())
  socket.write(Buffer.concat([GREETING, request]))
  return { socket, sent: sent.promise, answer: answer.promise }
}

export function speakers(port: number, requests: readonly Buffer[]): Speaker[] {
  return requests.map((request) => speaker(port, request))
}

/** Asks, and gives the response once its head has come: its content is read when someone does. */
export async function begun(port: number, path: string): Promise<IncomingMessage> {
  const asked = ask({ host: '127.0.0.1', port, path, headers: { host: 'localhost' }, agent: false })
  asked.on('error', () => undefined).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return response.on('error', () => undefined)
}

/** How many bytes of content came, and whether that was all of it. */
export async function drained(response: IncomingMessage): Promise<{ bytes: number; whole: boolean }> {
  let bytes = 0
  response.on('data', (chunk: Buffer) => (bytes += chunk.length))
  if (!response.closed) await once(response, 'close')
  return { bytes, whole: response.complete }
}
