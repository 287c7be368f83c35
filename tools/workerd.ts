import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { workerdPath } from '../cli/toolchain.ts'
import { childEnd, endChild, endWithParent, listening, quote, spawnWorkerd } from '../cli/workerdprocess.ts'

const root = resolve(import.meta.dirname, '..')
const stopSeconds = 2

type WorkerModule = {
  /** The ES module to run, already bundled. */
  readonly module: string
  /** Text bindings, by name: variables and secrets are alike here. */
  readonly vars?: Readonly<Record<string, string>>
  /** Service bindings: the binding's name, and the Worker it calls (`main` or a name in `workers`). */
  readonly services?: Readonly<Record<string, string>>
  /** Durable Object bindings: the binding's name, and the class that the module exports. Their storage is SQLite. */
  readonly objects?: Readonly<Record<string, string>>
  /** The same of the main Worker's objects, for another Worker. */
  readonly mainObjects?: Readonly<Record<string, string>>
}

export type WorkerdOptions = WorkerModule & {
  /** Where the main Worker listens: `127.0.0.1:8787`. Port 0, the default, takes a free one. */
  readonly address?: string
  /** Further Workers in the same process, by name. They have no address of their own. */
  readonly workers?: Readonly<Record<string, WorkerModule>>
  /**
   * The folder where Durable Objects keep what they store; it outlives the process, and one that is started on it later
   * finds it again. Without one it ends with the process.
   */
  readonly storage?: string
  /** The wrangler configuration whose compatibility date and flags hold. */
  readonly config?: string
  /** Shown every line that is printed. Without it the lines are read and forgotten. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Drops standard output unread, where being read would cost the process what is being measured. */
  readonly dropsOutput?: boolean
}

export type Workerd = {
  readonly url: string
  readonly pid: number
  /** When its process was started, by `performance.now()`. */
  readonly spawnedAt: number
  /** Settles when the process is gone, for whatever reason. */
  readonly exited: Promise<void>
  /** Asks it to end, insists after two seconds, and resolves when it is gone. */
  readonly stop: () => Promise<void>
}

/** Runs a bundle under plain workerd, and resolves when its socket accepts connections. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  await mkdir(join(root, '.faregate'), { recursive: true })
  const folder = await mkdtemp(join(root, '.faregate/workerd-'))
  const configFile = join(folder, 'config.capnp')
  const storage = resolve(options.storage ?? join(folder, 'storage'))
  await mkdir(storage, { recursive: true })
  const runs = { ...(await compatibility(options.config)), storage }
  await writeFile(configFile, workerdConfig(options, folder, runs), { mode: 0o600 })
  const spawnedAt = performance.now()
  const child = spawnWorkerd(workerdPath(root), configFile, { stdout: options.dropsOutput ? 'ignore' : 'pipe' })
  endWithParent(child, folder)
  const exited = childEnd(child).then(() => rm(folder, { recursive: true, force: true }))
  const stop = () => endChild(child, exited, stopSeconds)
  try {
    const { pid, port } = await listening(child, options.onLine)
    return { url: `http://${hostOf(options.address ?? defaultAddress)}:${port}`, pid, spawnedAt, exited, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const defaultAddress = '127.0.0.1:0'

function hostOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(':'))
  return host === '*' || host === '0.0.0.0' ? '127.0.0.1' : host
}

type Compatibility = { readonly date: string; readonly flags: readonly string[] }

/** Read from the configuration that is deployed, so that what is tested behaves as what is deployed. */
async function compatibility(config = 'wrangler.toml'): Promise<Compatibility> {
  const toml = await readFile(resolve(root, config), 'utf8')
  const date = /^compatibility_date\s*=\s*"(\d{4}-\d{2}-\d{2})"/m.exec(toml)?.[1]
  if (date === undefined) throw new Error(`${config}: expected a compatibility_date`)
  const flags = /^compatibility_flags\s*=\s*\[([^\]]*)\]/m.exec(toml)?.[1] ?? ''
  return { date, flags: [...flags.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '') }
}

type Runs = Compatibility & { readonly storage: string }

function workerdConfig(options: WorkerdOptions, folder: string, runs: Runs): string {
  const workers = Object.entries({ ...options.workers, main: options })
  const services = workers.map(([name, worker]) => service(name, worker, folder, runs))
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
${services.join(',\n')},
    (name = ${quote(storageService)}, disk = (path = ${quote(runs.storage)}, writable = true)),
    # The origin and the billing backend of a test are on this machine, which workerd refuses unless told.
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true)))
  ],
  sockets = [(name = "http", address = ${quote(options.address ?? defaultAddress)}, http = (), service = "main")]
);
`
}

/** Beside the names of Workers. */
const storageService = 'storage of objects'

function service(name: string, worker: WorkerModule, folder: string, runs: Runs): string {
  // `embed` takes a path relative to the file it stands in, with slashes on every system.
  const path = relative(folder, resolve(worker.module)).split(sep).join('/')
  const vars = Object.entries(worker.vars ?? {}).map(([key, value]) => `(name = ${quote(key)}, text = ${quote(value)})`)
  const bound = Object.entries(worker.services ?? {}).map(
    ([key, to]) => `(name = ${quote(key)}, service = ${quote(to)})`,
  )
  const objects = Object.entries(worker.objects ?? {})
  const namespaces = objects.map(
    // The key is what ties an object to its file: the same for every start.
    ([, className]) =>
      `(className = ${quote(className)}, uniqueKey = ${quote(`${name}-${className}`)}, enableSql = true)`,
  )
  const objectBindings = objects.map(
    ([key, className]) => `(name = ${quote(key)}, durableObjectNamespace = ${quote(className)})`,
  )
  for (const [key, className] of Object.entries(worker.mainObjects ?? {})) {
    const from = `(className = ${quote(className)}, serviceName = "main")`
    objectBindings.push(`(name = ${quote(key)}, durableObjectNamespace = ${from})`)
  }
  const stored = `
      durableObjectNamespaces = [${namespaces.join(', ')}],
      durableObjectStorage = (localDisk = ${quote(storageService)}),`
  return `    (name = ${quote(name)}, worker = (
      modules = [(name = "worker.js", esModule = embed ${quote(path)})],
      compatibilityDate = ${quote(runs.date)},
      compatibilityFlags = [${runs.flags.map(quote).join(', ')}],
${objects.length === 0 ? '' : stored.slice(1)}
      bindings = [${[...vars, ...bound, ...objectBindings].join(', ')}]
    ))`
}
