/**
 * Calls of logins: bounded in number and time.
 *
 * A stranger needs one request to make the gate ask the other side something. Without a bound a crowd of them could use up the
 * operator's allowance there, and hold this isolate's memory.
 */
import { withTimeout } from '../http/timeout.ts'
import { err, type Result } from '../core/result.ts'
import type { Login, LoginFault } from '../rails/login.ts'

/** The calls of one login that may be open in an isolate. */
const MOST_OPEN = 50
/** The time limit of one call, in milliseconds. Logins have shorter limits of their own. */
export const CALL_MS = 20_000

const open = new WeakMap<Login, number>()

/** Calls a login. Errors: those of the login; `busy`, if it has too many calls open: nobody was asked. */
export async function callLogin<T>(
  login: Login,
  call: () => Promise<Result<T, LoginFault>>,
): Promise<Result<T, LoginFault | 'busy'>> {
  const before = open.get(login) ?? 0
  if (before >= MOST_OPEN) return err('busy')
  open.set(login, before + 1)
  try {
    return (await withTimeout(call(), CALL_MS)) ?? err(LATE)
  } finally {
    open.set(login, (open.get(login) ?? 1) - 1)
  }
}

export const LATE: LoginFault = { kind: 'unavailable', detail: 'There was no answer in time.', code: 'timeout' }
