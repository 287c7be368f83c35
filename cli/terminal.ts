/** What a command may touch of the process that runs it, so that a test can run one without a process of its own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start at. */
  readonly cwd: string
  /** True if somebody can be asked. */
  readonly isInteractive: boolean
  /** Prints a line of the answer. */
  readonly print: (line: string) => void
  /** Prints a line about what is wrong, or what is going on. */
  readonly complain: (line: string) => void
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    env: process.env,
    cwd: process.cwd(),
    isInteractive: process.stdin.isTTY && process.stdout.isTTY && process.env['CI'] === undefined,
    print: (line) => console.log(line),
    complain: (line) => console.error(line),
  }
}
