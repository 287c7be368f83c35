import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'

/**
 * Has a server listen on the loopback interface alone, and gives its URL for HTTP. Port 0 takes a free port. Rejects with
 * `EADDRINUSE` when the port is taken.
 */
export async function open(server: Server, port = 0, backlog = 511): Promise<string> {
  server.listen({ port, host: '127.0.0.1', backlog })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

/** Ends a server and every connection to it, open streams too. One that is shut already stays so. */
export async function shut(server: HttpServer): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** A port that nobody listened on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const { port } = new URL(await open(server))
  server.close()
  await once(server, 'close')
  return Number(port)
}
