/** Runs a project's Worker in workerd, and ends it without losing a request or a charge. */
import type { ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Unstable_Config } from 'wrangler'
import { compile } from '../../src/config/config.ts'
import { readEntry, readWrangler, wranglerFileIn } from '../check/wrangler-config.ts'
import { CommandError, EXIT, LinesError, messageOf, usageError } from '../commanderror.ts'
import { CONFIG_NAME, loadConfig } from '../loadconfig.ts'
import { workerdPath } from '../toolchain.ts'
import { childEnd, endChild, endWithParent, listening, spawnWorkerd } from '../workerdprocess.ts'
import { bundleWorker } from './bundleworker.ts'
import { workerEnvironment } from './environment.ts'
import { gateConfig, networksOf } from './gateconfig.ts'
import { lockFolder } from './lock.ts'

export interface StartRequest {
  /** Of the project. */
  readonly folder: string
  /** Where ledgers are kept. */
  readonly state: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** A module that was bundled already. */
  readonly module: string | undefined
  /** Environment variables of the shell. */
  readonly shell: Readonly<Record<string, string | undefined>>
  /** Shown what workerd says of itself. The Worker's own log goes to standard output. */
  readonly onLine: (line: string) => void
}

export interface RunningGate {
  readonly url: string
  /** Settles when the process is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** Takes no further connection, and ends when its requests have; insists after `seconds`. */
  readonly stop: (seconds: number) => Promise<void>
}

interface Project {
  readonly config: Unstable_Config
  readonly env: Readonly<Record<string, string>>
  readonly networks: readonly string[]
}

/** Starts the gate. Resolves when its socket accepts connections. */
export async function startGate(request: StartRequest): Promise<RunningGate> {
  const { folder, state } = request
  const project = await readProject(request)
  const text = request.module === undefined ? await bundleWorker(project.config, folder) : undefined
  const ledgers = join(state, 'ledgers')
  mkdirSync(ledgers, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(state)
  const run = mkdtempSync(join(state, 'run-'))
  if (text === undefined) copyFileSync(resolve(folder, request.module ?? ''), join(run, 'worker.js'))
  else writeFileSync(join(run, 'worker.js'), text)
  const configFile = join(run, 'config.capnp')
  const { config, networks, env } = project
  const address = `${request.host}:${request.port}`
  const names = Object.keys(env)
  writeFileSync(configFile, gateConfig({ config, module: 'worker.js', ledgers, address, names, networks }))
  const child = spawnWorkerd(workerdPath(folder), configFile, { stdout: 'inherit', env })
  endWithParent(child, run)
  return ready(child, endOf(child, run, unlock), request)
}

async function endOf(child: ChildProcess, run: string, unlock: () => void): Promise<void> {
  await childEnd(child)
  rmSync(run, { recursive: true, force: true })
  unlock()
}

async function ready(
  child: ChildProcess,
  exited: Promise<void>,
  { host, port, onLine }: StartRequest,
): Promise<RunningGate> {
  const stop = (seconds: number) => endChild(child, exited, seconds)
  try {
    const { port: taken } = await listening(child, onLine)
    const shown = /^(?:\*|0\.0\.0\.0|\[::1?\]|127\.0\.0\.1)$/.test(host) ? 'localhost' : host
    return { url: `http://${shown}:${taken}`, exited, stop }
  } catch (error) {
    await stop(0)
    const message = messageOf(error)
    if (!/Address already in use/i.test(message)) throw new CommandError(message, EXIT.refused)
    throw new CommandError(`port ${port} is in use already; choose another with --port`, EXIT.refused)
  }
}

async function readProject({ folder, shell }: StartRequest): Promise<Project> {
  const file = wranglerFileIn(folder)
  if (file === undefined) throw usageError(`there is no wrangler.toml in ${folder}: "npx faregate init" writes one`)
  const config = readWrangler(file)
  const env = workerEnvironment(config, dirname(file), shell)
  const configFile = join(folder, CONFIG_NAME)
  const networks = existsSync(configFile) ? await checkedNetworks(configFile, config, env) : ['public']
  return { config, env, networks }
}

/** A gate with faults would answer every request 503. */
async function checkedNetworks(
  file: string,
  { main }: Unstable_Config,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const given = await loadConfig(file)
  const entry = await readEntry(main)
  const compiled = compile(given, env, { needsOrigin: entry?.isMiddleware !== true })
  if (!compiled.ok) {
    const faults = compiled.error.map(({ path, message }) => `${path}: ${message}`)
    throw new LinesError(faults.join('\n'), EXIT.refused, { faults })
  }
  return networksOf(typeof given === 'function' ? given(env) : given)
}
