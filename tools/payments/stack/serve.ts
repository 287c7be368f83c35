import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Serves on a free port of this machine. A handler that throws answers 500 with its reason. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void,
): Promise<Served> {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

export function json(response: ServerResponse, status: number, body: unknown, more: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...more })
  response.end(JSON.stringify(body))
}
