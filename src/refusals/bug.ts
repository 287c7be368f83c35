import { failureName } from '../core/error.ts'
import { logError } from '../log.ts'

/** Notes a bug in the log, under the id of the request that met it, and nothing of what the client sent. */
export function noteBug(error: unknown, id: string): void {
  logError({ id, error: failureName(error), at: stackOf(error) })
}

/** Where it was, without its message: a message may quote what the client sent. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined
  const { message, stack } = error
  const frames = stack.slice(Math.max(0, stack.indexOf(message)) + message.length)
  return frames.split('\n').slice(1, 4).join(' ').trim()
}
