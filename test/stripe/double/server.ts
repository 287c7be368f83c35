/** The double behind a socket: the API under `/v1`, and the pages on which a browser pays. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createStripeDouble, type DoubleOptions, type StripeDouble } from './index.ts'
import { answerPage } from './pages.ts'

export interface StripeDoubleServer extends AsyncDisposable {
  readonly double: StripeDouble
  /** As `http://127.0.0.1:1234`: for `apiUrl`, and the beginning of the pages' URLs. */
  readonly url: string
  close(): Promise<void>
}

export interface DoubleServerOptions extends Omit<DoubleOptions, 'clock' | 'pages'> {
  readonly clock?: () => number
  /** 0, the default, for any that is free. */
  readonly port?: number
  /** Delivers events by itself, so often. Without it, call `double.deliver`. */
  readonly deliverEveryMs?: number
  /** The host in URLs of pages. Default `127.0.0.1`. */
  readonly host?: string
}

/** Starts the double on a port of this machine. */
export async function startStripeDouble({
  clock = Date.now,
  port = 0,
  host = '127.0.0.1',
  deliverEveryMs,
  ...options
}: DoubleServerOptions = {}): Promise<StripeDoubleServer> {
  const server = createServer((incoming, outgoing) => {
    void serve(double, incoming, outgoing)
  })
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('the server has no port')
  const url = `http://${host}:${address.port}`
  const double = createStripeDouble({ ...options, clock, pages: url })
  const timer = deliverEveryMs === undefined ? undefined : setInterval(() => void double.deliver(), deliverEveryMs)
  const close = async (): Promise<void> => {
    clearInterval(timer)
    server.closeAllConnections()
    await new Promise<void>((closed) => server.close(() => closed()))
  }
  return { double, url, close, [Symbol.asyncDispose]: close }
}

async function serve(double: StripeDouble, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  try {
    const request = await requestOf(incoming)
    const isApi = incoming.url?.startsWith('/v1/') === true
    const page = isApi ? undefined : await answerPage(double.state, request)
    const response = page ?? (await double.fetch(request, { signal: gone.signal }))
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  } catch {
    // What is lost ends without an answer.
    outgoing.destroy()
  }
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const { method = 'GET', headers, url = '/' } = incoming
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as [string, string]] : [],
  )
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) }
  return new Request(new URL(url, `http://${headers.host ?? '127.0.0.1'}`), { method, headers: fields, ...body })
}
