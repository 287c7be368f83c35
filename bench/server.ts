import { BENCH_SECRET } from './workers/benchkey.ts'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { startHaproxy } from './haproxy.ts'

const root = resolve(import.meta.dirname, '..')
const run = promisify(execFile)

/** Bundled Workers by name, each as a deployment would upload it. */
export type Modules = ReadonlyMap<string, string>

export async function bundleAll(names: Iterable<string>): Promise<Modules> {
  const bundles = Array.from(new Set(names), async (name): Promise<[string, string]> => {
    const entry = join(root, 'bench/workers', `${name}.ts`)
    return [name, await bundle({ entry, outdir: join(root, '.faregate/bench', name) })]
  })
  return new Map(await Promise.all(bundles))
}

export type PublicJwk = Readonly<Record<string, unknown>>

/** What a row is measured on. */
export type Server = { readonly url: string; readonly pid: number; readonly stop: () => Promise<void> }

/** Starts one Worker, or HAProxy, in a process of its own, on the server's core. */
export async function startServer(
  name: string,
  modules: Modules,
  keys: readonly PublicJwk[],
  more: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const server = name === 'haproxy' ? await startHaproxy(keys[0] ?? {}) : await startWorker(name, modules, keys, more)
  await pin(server.pid, [serverCore])
  return server
}

/** Starts one Worker in a process of its own, on any core. `more`: further variables. */
export async function startWorker(
  name: string,
  modules: Modules,
  keys: readonly PublicJwk[],
  more: Readonly<Record<string, string>> = {},
): Promise<Workerd> {
  const moduleOf = (wanted: string): string => {
    const module = modules.get(wanted)
    if (module === undefined) throw new Error(`the Worker "${wanted}" was not bundled`)
    return module
  }
  const options = {
    module: moduleOf(name),
    vars: { KEYS: JSON.stringify(keys), ACCOUNT_HASH_KEY: BENCH_SECRET, ...more },
    // Its log is written and dropped. Read through a pipe, each line would wake a reader, which costs more than the line.
    dropsOutput: true,
    ...(HAVE_LEDGERS.has(name) ? { objects: { LEDGER: 'Ledger' } } : {}),
    ...(HAVE_ORIGIN.has(name)
      ? { services: { ORIGIN: 'origin' }, workers: { origin: { module: moduleOf('site') } } }
      : {}),
  }
  return startWorkerd(options)
}

/** The Workers that ask an origin, which is another Worker in the process. */
const HAVE_ORIGIN: ReadonlySet<string> = new Set([
  'deployed',
  'embedded',
  'metered',
  'tallied',
  'keyed',
  'sampled',
  'batched',
  'priced',
  'sold',
  'steps',
  'filled',
  'x402-hono-paid',
])
const HAVE_LEDGERS: ReadonlySet<string> = new Set(['metered', 'tallied', 'keyed', 'priced', 'sold', 'steps', 'filled'])

const cores = Array.from({ length: availableParallelism() }, (_, core) => core)
const serverCore = 0

/** Leaves the server's core to the server. False where that cannot be had: one core, or no `taskset`. */
export async function pinLoad(): Promise<boolean> {
  return pin(
    process.pid,
    cores.filter((core) => core !== serverCore),
  )
}

/** All threads of a process, those to come included. */
async function pin(pid: number, to: readonly number[]): Promise<boolean> {
  if (cores.length === 1) return false
  try {
    await run('taskset', ['-a', '-c', '-p', to.join(','), String(pid)])
    return true
  } catch {
    return false
  }
}

/** `USER_HZ`: what /proc counts in on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

/** CPU time of all threads of a process, in microseconds; undefined where there is no /proc. */
export async function cpuMicros(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // proc(5): the name in parentheses may hold spaces; `utime` and `stime` are the 12th and 13th fields after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6
}

/** The memory of a process that is in RAM, in megabytes; undefined where there is no /proc. */
export async function residentMegabytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
  return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6
}
