/** Exit codes, the same for all commands. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** Refused: by the gate, or because what was given has faults. Nothing was done. */
  refused: 1,
  /** The command line is wrong, or lacks something. */
  usage: 2,
  /** What was asked is not known: the gate or the keys could not be reached. The same command may be given again. */
  unknown: 3,
} as const

/** What ends a command early, in a sentence for whoever typed it. It never holds a credential. */
export class CommandError extends Error {
  readonly exitCode: number
  /** What `--json` shows besides the message. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, exitCode: number, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.exitCode = exitCode
    this.details = details
  }
}

/** An error whose lines each say where it is: they are shown as they stand. */
export class LinesError extends CommandError {}

/** Returns the error of a command line that is wrong. */
export function usageError(message: string): CommandError {
  return new CommandError(message, EXIT.usage)
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // An attempt at two addresses fails without a message of its own.
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}
