import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** One HTTP/1.1 answer as it came over the wire. */
export type Answer = {
  readonly status: number
  /** The status line and the fields, as sent. */
  readonly head: string
  readonly body: string
}

/** The field of an answer, or nothing. */
export function fieldOf(answer: Answer, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(answer.head)?.[1]?.trim()
}

export type Parsed = { readonly answer: Answer; readonly rest: Buffer }

const HEAD_END = Buffer.from('\r\n\r\n')

/** The first whole answer in the bytes. `ended` says that no more will come, so that a body without length is whole. */
export function parseAnswer(bytes: Buffer, isHead: boolean, ended: boolean): Parsed | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const after = bytes.subarray(end + 4)
  if (status < 200) return parseAnswer(after, isHead, ended)
  const whole = (body: Buffer, rest: Buffer): Parsed => ({
    answer: { status, head, body: body.toString('latin1') },
    rest,
  })
  if (isHead || status === 204 || status === 304) return whole(Buffer.alloc(0), after)
  if (/^transfer-encoding:.*chunked/im.test(head)) {
    const body = readChunks(after)
    return body === undefined ? undefined : whole(body.content, body.rest)
  }
  const length = /^content-length:[ \t]*(\d+)/im.exec(head)?.[1]
  if (length === undefined) return ended ? whole(after, Buffer.alloc(0)) : undefined
  const size = Number(length)
  return after.length < size ? undefined : whole(after.subarray(0, size), after.subarray(size))
}

/** The content of a chunked body, or nothing while it is not whole. */
export function readChunks(bytes: Buffer): { readonly content: Buffer; readonly rest: Buffer } | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (Number.isNaN(size) || bytes.length < next) return undefined
    if (size === 0) return { content: Buffer.concat(chunks), rest: bytes.subarray(next) }
    chunks.push(bytes.subarray(lineEnd + 2, next - 2))
    at = next
  }
}

function open(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  socket.on('error', () => undefined) // `close` follows, and says all there is to say
  return socket
}

/**
 * Says all of it on a connection of its own, and resolves with every answer once the gate has closed it. Whoever `stays` has
 * asked for that by `Connection: close`; another ends its own side, which the gate may take for a client that has left.
 */
export async function speak(port: number, said: string, { stays = false } = {}): Promise<readonly Answer[]> {
  const socket = open(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (stays) socket.write(Buffer.from(said, 'latin1'))
  else socket.end(Buffer.from(said, 'latin1'))
  await once(socket, 'close')
  const isHead = said.startsWith('HEAD ')
  const answers: Answer[] = []
  let rest: Buffer = Buffer.concat(chunks)
  for (;;) {
    const parsed = parseAnswer(rest, isHead, true)
    if (parsed === undefined) return answers
    answers.push(parsed.answer)
    rest = parsed.rest
  }
}

/**
 * Sends every request, each once the one before was answered, on connections that are kept. An answer is undefined
 * where the gate closed the connection without one.
 */
export async function askAll(port: number, requests: readonly Buffer[]): Promise<readonly (Answer | undefined)[]> {
  const answers: (Answer | undefined)[] = []
  let next = 0
  const work = async (): Promise<void> => {
    let socket = open(port)
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index]
      if (request === undefined) continue
      if (socket.destroyed || socket.readableEnded) socket = open(port)
      const answer = await ask(socket, request)
      answers[index] = answer
      if (answer === undefined || /^connection:\s*close/im.test(answer.head)) {
        socket.destroy()
        socket = open(port)
      }
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return answers
}

const CONNECTIONS = 12

function ask(socket: Socket, request: Buffer): Promise<Answer | undefined> {
  const isHead = request.toString('latin1', 0, 5) === 'HEAD '
  return new Promise((done) => {
    let bytes: Buffer = Buffer.alloc(0)
    const finish = (answer: Answer | undefined): void => {
      socket.off('data', onData).off('close', onClose)
      done(answer)
    }
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const parsed = parseAnswer(bytes, isHead, false)
      if (parsed !== undefined) finish(parsed.answer)
    }
    const onClose = (): void => finish(parseAnswer(bytes, isHead, true)?.answer)
    socket.on('data', onData).on('close', onClose)
    socket.write(request)
  })
}
