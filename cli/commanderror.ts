/** Exit codes, the same for all commands. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** Refused: by the gate, or because what was given has faults. Nothing was done. */
  refused: 1,
  /** The command line is wrong, or lacks something. */
  usage: 2,
  /** The outcome is unknown: the gate or the keys could not be reached. The command can be repeated. */
  unknown: 3,
} as const

/** Ends a command early, with a sentence for the user. Its message never holds a credential. */
export class CommandError extends Error {
  readonly exitCode: number
  /** Further members of the output with `--json`. */
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
