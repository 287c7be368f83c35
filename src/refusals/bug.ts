import { failureName } from '../core/error.ts'

/** Notes a bug in the log, under the id of the request that met it, and nothing of what the client sent. */
export function noteBug(error: unknown, id: string): void {
  console.error(JSON.stringify({ id, error: failureName(error), at: stackOf(error) }))
}

/** Where it was, without its message: a message may quote what the client sent. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack?.split('\n').slice(1, 4).join(' ').trim() : undefined
}
