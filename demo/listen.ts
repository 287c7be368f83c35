import type { Server } from 'node:http'
import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server'
import type { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { open, shut } from '../tools/loopback.ts'

export type Listening = {
  readonly url: string
  /** Ends every connection, open streams too. */
  readonly close: () => Promise<void>
}

/**
 * Serves an app on the loopback interface alone. Port 0 takes a free port, so the app is made once the URL is known.
 * Rejects with `EADDRINUSE` when the port is taken.
 */
export async function listen(port: number, makeApp: (url: string) => Hono): Promise<Listening> {
  const sockets = new WebSocketServer({ noServer: true })
  const app: { current?: Hono } = {}
  const server = createAdaptorServer({
    fetch: (request, env) => app.current?.fetch(request, env),
    // The same class at run time; its types and the adapter's differ in optional arguments.
    websocket: { server: sockets as unknown as WebSocketServerLike },
    // The process may be a test's, whose Request and Response are not ours to replace.
    overrideGlobalObjects: false,
  }) as Server
  const url = await open(server, port)
  app.current = makeApp(url)
  return { url, close: () => close(server, sockets) }
}

async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  await shut(server)
}
