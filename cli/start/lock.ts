/**
 * One process at a time may have a state folder: two would each count for themselves. The lock is a socket that listens in
 * the folder. It ends with its process, whichever way that ends, so that none is left to be cleared away by hand.
 */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'
import { CommandError, EXIT } from '../commanderror.ts'

/** The longest path that a socket may have on every system. */
const MAX_PATH_BYTES = 100

/** Takes the folder. Returns how to give it back. Throws if another process has it. */
export async function lockFolder(folder: string): Promise<() => void> {
  const path = socketPath(folder)
  if (await isAnswered(path)) {
    throw new CommandError(`${folder} is in use by another "faregate start"`, EXIT.refused)
  }
  rmSync(path, { force: true })
  const server = createServer((socket) => socket.destroy())
  await listenAt(server, path)
  server.unref()
  return () => server.close()
}

function socketPath(folder: string): string {
  const whole = join(folder, 'lock')
  const short = relative(process.cwd(), whole)
  const path = short.length < whole.length ? short : whole
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path
  throw new CommandError(`${folder}: the path is too long; run this nearer to it`, EXIT.refused)
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function listenAt(server: Server, path: string): Promise<void> {
  server.listen(path)
  await once(server, 'listening')
}
