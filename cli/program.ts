/**
 * The command line: one file in `commands/` for each command, each a factory of a subcommand that gets the terminal.
 * A command prints its answer, or throws a `CommandError`; nothing else says how the process ends.
 */
import { Command, CommanderError } from 'commander'
import { CommandError, EXIT, LinesError, messageOf } from './commanderror.ts'
import { eventCommand } from './commands/event.ts'
import { keyCommand } from './commands/key.ts'
import { purgeCommand } from './commands/purge.ts'
import { holdCommand } from './commands/hold.ts'
import { creditCommand } from './commands/credit.ts'
import { anomaliesCommand } from './commands/anomalies.ts'
import { emergencyCommand } from './commands/emergency.ts'
import { explainCommand } from './commands/explain.ts'
import { accountCommand } from './commands/account.ts'
import { checkCommand } from './commands/check.ts'
import { initCommand } from './commands/init.ts'
import { keysCommand } from './commands/keys.ts'
import { leaksCommand } from './commands/leaks.ts'
import { pricesCommand } from './commands/prices.ts'
import { startCommand } from './commands/start.ts'
import { tokenCommand } from './commands/token.ts'
import type { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

export type CommandFactory = (terminal: Terminal) => Command

const COMMANDS: readonly CommandFactory[] = [
  initCommand,
  checkCommand,
  startCommand,
  keysCommand,
  tokenCommand,
  eventCommand,
  keyCommand,
  purgeCommand,
  holdCommand,
  creditCommand,
  explainCommand,
  accountCommand,
  leaksCommand,
  anomaliesCommand,
  pricesCommand,
  emergencyCommand,
]

const EXIT_CODES = `
Exit codes: ${EXIT.done} done; ${EXIT.refused} refused, and nothing was done; ${EXIT.usage} the command line is wrong;
${EXIT.unknown} it is not known: the gate or the keys could not be reached, or do not know. The same command may be given again.`

/** Returns the whole program. Its output goes to the terminal. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('faregate')
    .description('Sets up, checks and runs a gate, and talks to one that runs.')
    .version(packageVersion())
    .addHelpText('after', EXIT_CODES)
  for (const create of COMMANDS) program.addCommand(create(terminal))
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])])
    command
      .exitOverride()
      .helpCommand(false)
      .helpOption('-h, --help', 'this text')
      .configureHelp({ helpWidth: 110 })
      .configureOutput({
        writeOut: (text) => terminal.print(text.trimEnd()),
        // Errors are told by whoever catches them; a command that lacks its own command shows which it has.
        writeErr: (text) => (text.startsWith('Usage:') ? terminal.complain(text.trimEnd()) : undefined),
      })
  return program
}

/** Runs one command. Returns the exit code of the process. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const name = args.find((arg) => !arg.startsWith('-'))
  const isJson = args.includes('--json')
  try {
    const program = createProgram(terminal)
    if (args.length === 0) {
      terminal.complain(program.helpInformation().trimEnd())
      return EXIT.usage
    }
    await program.parseAsync([...args], { from: 'user' })
    return EXIT.done
  } catch (error) {
    return failed(error, name, isJson, terminal)
  }
}

function failed(error: unknown, name: string | undefined, isJson: boolean, { complain }: Terminal): number {
  const tell = (message: string, details: object = {}): void =>
    complain(isJson ? JSON.stringify({ error: message, ...details }) : prefixed(message, name))
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done
    if (error.code === 'commander.help') return EXIT.usage
    // A command that has told everything itself ends with an empty message.
    if (error.message === '') return error.exitCode
    tell(`${error.message.replace(/^error: /, '').replace(/^u/, 'U')}; see --help`)
    return EXIT.usage
  }
  if (error instanceof CommandError) {
    if (error instanceof LinesError && !isJson) complain(error.message)
    else tell(error.message, error.details)
    return error.exitCode
  }
  tell(messageOf(error))
  return EXIT.refused
}

function prefixed(message: string, name: string | undefined): string {
  return name === undefined ? `faregate: ${message}` : `faregate ${name}: ${message}`
}
