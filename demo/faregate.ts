/** Runs a command of the command line against the demo that runs, with the key of its billing backend. */
import { runCommandLine } from '../cli/program.ts'
import { processTerminal, type Terminal } from '../cli/terminal.ts'
import { zoneAudience } from './entitlement.ts'
import { signingKey } from './keys.ts'
import { defaultBillingUrl, gateUrl, runningBillingUrl } from './state.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The demo's own short names of options. */
const NAMES: Readonly<Record<string, string>> = {
  '--url': '--gate',
  '--token-file': '--operator-token-file',
  '--sub': '--account',
  '--toe': '--at',
}

/** What is not given is the demo's: its gate, its issuer, its key. Nothing is signed for an operator unless it runs. */
export async function faregate(command: string, args: readonly string[]): Promise<Said> {
  const [out, err]: string[][] = [[], []]
  const own = processTerminal()
  const terminal: Terminal = {
    ...own,
    env: { ...(await demoEnvironment()), ...given(own.env) },
    print: (line) => out?.push(`${line}\n`),
    complain: (line) => err?.push(`${line}\n`),
  }
  const named = args.map((arg) => NAMES[arg] ?? arg)
  const issuer = (await runningBillingUrl()) ?? defaultBillingUrl
  const facts = { '--issuer': issuer, '--audience': zoneAudience }
  const missing = Object.entries(facts).filter(([name]) => !named.includes(name))
  const code = await runCommandLine([command, ...named, ...missing.flat()], terminal)
  return { code, out: out?.join('') ?? '', err: err?.join('') ?? '' }
}

async function demoEnvironment(): Promise<Terminal['env']> {
  const key = JSON.stringify((await signingKey()).keys)
  const isRunning = (await runningBillingUrl()) !== undefined
  return {
    FAREGATE_GATE: await gateUrl(),
    FAREGATE_KEY: key,
    ...(isRunning ? { FAREGATE_OPERATOR_KEY_JSON: key } : {}),
  }
}

/** A variable that is set to nothing is not set. */
function given(env: Terminal['env']): Terminal['env'] {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}

/** Runs it as the process's own command. */
export async function runDemoCommand(command: string): Promise<void> {
  const { code, out, err } = await faregate(command, process.argv.slice(2))
  process.stdout.write(out)
  process.stderr.write(err)
  process.exitCode = code
}
