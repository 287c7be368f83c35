import { failureName } from '../core/error.ts'
import { logError } from '../log.ts'

/** Logs a bug under the id of the request that met it. Logs nothing that the client sent. */
export function logBug(error: unknown, id: string): void {
  logError({ id, error: failureName(error), at: stackOf(error) })
}

/** Returns three stack frames without the error's message: a message may quote the client. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined
  const { message, stack } = error
  const frames = stack.slice(Math.max(0, stack.indexOf(message)) + message.length)
  return frames.split('\n').slice(1, 4).join(' ').trim()
}
