import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { serve, type Served } from './serve.ts'

/** How an origin answers a path, until it is told otherwise. */
export interface Behaviour {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Never answers. */
  readonly hangs?: boolean
  /** Answers with so many bytes in place of a line of text. */
  readonly bytes?: number
  /** Begins, and never ends. */
  readonly goesOn?: boolean
}

export interface PaidOrigin extends Served {
  /** What it was asked for, in order: `GET /reports/a`. */
  readonly runs: string[]
  /** The fields of the last request. */
  readonly lastFields: () => IncomingHttpHeaders
  readonly behave: (path: string, behaviour: Behaviour) => void
}

const CHUNK = Buffer.alloc(2 ** 20, 'x')

/** Starts the site behind a gate. Below `/cached/` its answers are fresh for an hour, for whoever has paid. */
export async function startPaidOrigin(): Promise<PaidOrigin> {
  const runs: string[] = []
  const behaviours = new Map<string, Behaviour>()
  let fields: IncomingHttpHeaders = {}
  const served = await serve((request, response) => {
    const { method, url = '/' } = request
    runs.push(`${method} ${url}`)
    fields = request.headers
    request.resume()
    const { status = 200, headers = {}, hangs = false, goesOn = false, bytes } = behaviours.get(url) ?? {}
    if (hangs) return
    const cached = { 'cache-control': url.includes('/cached/') ? 'max-age=3600' : 'no-store' }
    response.writeHead(status, { 'content-type': 'text/plain', ...cached, ...headers })
    if (goesOn) response.write(`the page ${url}`)
    else if (bytes === undefined) response.end(`the page ${url}`)
    else stream(response, bytes)
  })
  return {
    ...served,
    runs,
    lastFields: () => fields,
    behave: (path, behaviour) => void behaviours.set(path, behaviour),
  }
}

/** Writes as fast as it is read. */
function stream(response: ServerResponse, left: number): void {
  if (left <= 0) {
    response.end()
    return
  }
  const next = (): void => stream(response, left - CHUNK.length)
  if (response.write(CHUNK)) setImmediate(next)
  else response.once('drain', next)
}
