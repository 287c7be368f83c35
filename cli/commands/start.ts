import { once } from 'node:events'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { CommandError, EXIT } from '../commanderror.ts'
import { type RunningGate, startGate } from '../start/startgate.ts'
import type { Terminal } from '../terminal.ts'
import { wholeNumber } from '../values.ts'

interface StartOptions {
  readonly state: string
  readonly host: string
  readonly port: string
  readonly module?: string
  readonly grace: string
  readonly json?: boolean
}

/** `faregate start`: runs the Worker of a project until a signal. */
export function startCommand(terminal: Terminal): Command {
  return new Command('start')
    .summary('run the gate in workerd')
    .description(
      'Runs the Worker of this folder in workerd, bundled as for a deployment, and prints one line when it is ready. Secrets come from the environment, else from .dev.vars. SIGTERM and SIGINT end it when its requests have ended; ledgers are on disk by then. A state folder has one process at a time; copy it while none runs.',
    )
    .argument('[folder]', 'of the project (default: here)')
    .option('--state <folder>', 'where ledgers are kept', './state')
    .option('--host <address>', 'where it listens; 0.0.0.0 for all interfaces', '127.0.0.1')
    .option('--port <number>', '0 takes a free one', '8787')
    .option('--module <file>', 'a module that was bundled already, by "npx wrangler deploy --dry-run --outdir out"')
    .option('--grace <seconds>', 'how long requests may take to end after a signal', '30')
    .option('--json', 'prints the line as a JSON object')
    .action(async (folder: string | undefined, options: StartOptions) => {
      const asked = endSignals(terminal.env)
      const grace = wholeNumber('--grace', options.grace, 86_400)
      const gate = await startGate({
        folder: resolve(terminal.cwd, folder ?? '.'),
        state: resolve(terminal.cwd, options.state),
        host: options.host,
        port: wholeNumber('--port', options.port, 65_535),
        module: options.module === undefined ? undefined : resolve(terminal.cwd, options.module),
        shell: terminal.env,
        onLine: terminal.complain,
      })
      terminal.print(
        options.json === true ? JSON.stringify({ ready: true, url: gate.url }) : `faregate: ready on ${gate.url}`,
      )
      await runUntil(asked, gate, grace, terminal)
    })
}

async function runUntil(asked: AbortSignal, gate: RunningGate, grace: number, terminal: Terminal): Promise<void> {
  const isAsked =
    asked.aborted || (await Promise.race([once(asked, 'abort').then(() => true), gate.exited.then(() => false)]))
  if (!isAsked) throw new CommandError('workerd ended by itself', EXIT.refused)
  const stopped = performance.now()
  const ended = gate.stop(grace)
  terminal.complain('faregate: stopping')
  await ended
  if (performance.now() - stopped >= grace * 1000)
    throw new CommandError(`requests were cut off after ${grace} seconds`, EXIT.refused)
}

/** Aborted when somebody asks us to end. */
function endSignals(env: Terminal['env']): AbortSignal {
  const asked = new AbortController()
  // Heard every time: from a terminal the same signal often comes twice, directly and through npm.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => asked.abort())
  if (env['npm_lifecycle_event'] !== undefined) {
    // npm hands a signal to the shell that it runs us in, which ends without handing it on.
    const parent = process.ppid
    const look = setInterval(() => process.ppid !== parent && asked.abort(), 200)
    asked.signal.addEventListener('abort', () => clearInterval(look))
    look.unref()
  }
  return asked.signal
}
