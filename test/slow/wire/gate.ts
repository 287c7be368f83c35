import { createServer, type Socket } from 'node:net'
import { SignJWT } from 'jose'
import { bundleOf } from '../bundles.ts'
import { open } from '../../../tools/loopback.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { type Answer, speak } from '../attacks/wire.ts'

const TOKEN_SECRET = '0123456789abcdef0123456789abcdef'

/** The gate under plain workerd, and behind it a server that sends these very bytes. */
export interface WireGate {
  /** The URL of the server. */
  readonly origin: string
  /** What the server sends at a path, byte for byte (Latin-1). After it the connection ends, which the server says first. */
  readonly answers: Map<string, string>
  /** The heads of the requests that the server got, byte for byte (Latin-1). */
  readonly seen: string[]
  /** Asks with a good token of this account, or of none. What came is read to the end of the connection. */
  readonly ask: (path: string, options?: AskOptions) => Promise<Answer | undefined>
  /** How many requests were counted on an account. */
  readonly used: (account: string) => Promise<string>
  readonly stop: () => Promise<void>
}

interface AskOptions {
  readonly method?: string
  readonly fields?: readonly string[]
  readonly account?: string | null
}

export async function startWireGate(): Promise<WireGate> {
  const answers = new Map<string, string>()
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    let head = ''
    socket.on('data', (bytes: Buffer) => {
      head += bytes.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      seen.push(head)
      socket.end(Buffer.from(answerTo(head, answers), 'latin1'))
    })
  })
  const url = await open(server)
  const workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: { TOKEN_SECRET, ORIGIN_URL: url },
  })
  const port = Number(new URL(workerd.url).port)
  const ask: WireGate['ask'] = async (path, { method = 'GET', fields = [], account = 'account-7' } = {}) => {
    const authorization = account === null ? [] : [`Authorization: Bearer ${await token(account)}`]
    const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...authorization, ...fields]
    return (await speak(port, `${lines.join('\r\n')}\r\n\r\n`, { stays: true }))[0]
  }
  return {
    origin: url,
    answers,
    seen,
    ask,
    used: async (account) => {
      const told = JSON.parse((await ask('/__faregate/account', { account }))?.body ?? '{}') as Told
      return told.account.limits.map(({ usage }) => usage.used).join()
    },
    stop: async () => {
      await workerd.stop()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

interface Told {
  readonly account: { readonly limits: readonly { readonly usage: { readonly used: string } }[] }
}

function answerTo(head: string, answers: ReadonlyMap<string, string>): string {
  const [method, path = ''] = head.split(' ', 2)
  const answer = answers.get(path) ?? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
  // Else the gate may send its next request on a connection that is about to end.
  const ending = /^connection:/im.test(answer) ? answer : answer.replace('\r\n', '\r\nConnection: close\r\n')
  return method === 'HEAD' ? ending.slice(0, ending.indexOf('\r\n\r\n') + 4) : ending
}

function token(account: string): Promise<string> {
  return new SignJWT({ entitlements: ['premium'], plan: 'Gold' })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer('https://billing.test')
    .setAudience('https://wire.test')
    .setSubject(account)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(TOKEN_SECRET))
}
