import { once } from 'node:events'
import { Hono } from 'hono'
import { listen } from './listen.ts'
import { isCode } from './state.ts'

/** A mistake in the command line: worth one line, not a stack. */
export class UsageError extends Error {}

/** A port, and whether it was asked for: another will do where it was not. */
export type Port = { readonly number: number; readonly isGiven: boolean }

/** Says which option to change when a port is taken. */
export async function orInUse<T>(option: string, port: number, starting: Promise<T>): Promise<T> {
  try {
    return await starting
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE') && !messageOf(error).includes('Address already in use')) throw error
    throw new Error(`port ${port} is in use already; choose another with ${option}`, { cause: error })
  }
}

/** The port, or 0 for any where it was not asked for and is taken. */
export async function usable({ number, isGiven }: Port): Promise<number> {
  if (isGiven || number === 0) return number
  try {
    await (await listen(number, () => new Hono())).close()
    return number
  } catch {
    return 0
  }
}

export async function freePort(): Promise<number> {
  const { url, close } = await listen(0, () => new Hono())
  await close()
  return Number(new URL(url).port)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Aborted when someone asks us to end. */
function endSignal(): AbortSignal {
  const asked = new AbortController()
  // Heard every time: from a terminal the same signal often comes twice, directly and through npm.
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => asked.abort())
  if (process.env['npm_lifecycle_event'] !== undefined) {
    // npm hands a signal to the shell that it runs us in, which ends without handing it on.
    const parent = process.ppid
    const look = setInterval(() => process.ppid !== parent && asked.abort(), 200)
    asked.signal.addEventListener('abort', () => clearInterval(look))
    look.unref()
  }
  return asked.signal
}

/** Ends a part. */
export type Close = () => Promise<void>
/** What was started: the gate's process, and what to try. */
export type Started = { readonly exited: Promise<void>; readonly introduction: string }

/** Runs until a signal, and ends every part that was started: `start` notes how. Returns the exit code. */
export async function runUntilSignal(start: (closes: Close[]) => Promise<Started>): Promise<number> {
  const signal = endSignal()
  const ended = once(signal, 'abort')
  const closes: Close[] = []
  try {
    const { exited, introduction } = await start(closes)
    console.log(introduction)
    if (!signal.aborted) await Promise.race([ended, exited])
    if (!signal.aborted) throw new Error('the gate stopped by itself')
    return 0
  } catch (error) {
    // A signal while the parts start ends what they started too, and is no failure.
    if (signal.aborted) return 0
    console.error(`faregate: ${messageOf(error)}`)
    return 1
  } finally {
    for (const close of closes.reverse()) await close()
  }
}
