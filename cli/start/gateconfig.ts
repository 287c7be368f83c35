/** The configuration of workerd for one gate. Secrets stay in the environment of its process: no file has them. */
import type { Unstable_Config } from 'wrangler'
import { quote } from '../workerdprocess.ts'

export interface GateSetup {
  readonly config: Unstable_Config
  /** The module, by its path from the configuration's. */
  readonly module: string
  /** Where ledgers are kept: an absolute path. */
  readonly ledgers: string
  /** `127.0.0.1:8787` */
  readonly address: string
  /** The names of texts, which are read from the environment of the process. */
  readonly names: readonly string[]
  /** The networks that the Worker may reach. */
  readonly networks: readonly string[]
}

/** The prefix of objects' keys, which tie a ledger to its file: the same for every start, whatever the Worker is called. */
const OBJECTS = 'faregate-'

export function gateConfig({ config, module, ledgers, address, names, networks }: GateSetup): string {
  const objects = config.durable_objects.bindings.flatMap(({ name, class_name: className, script_name: script }) =>
    className === undefined || script !== undefined ? [] : [{ name, className }],
  )
  const namespaces = [...new Set(objects.map(({ className }) => className))].map(
    (className) =>
      `(className = ${quote(className)}, uniqueKey = ${quote(`${OBJECTS}${className}`)}, enableSql = true)`,
  )
  const bindings = [
    ...names.map((name) => `(name = ${quote(name)}, fromEnvironment = ${quote(name)})`),
    ...objects.map(({ name, className }) => `(name = ${quote(name)}, durableObjectNamespace = ${quote(className)})`),
  ]
  const flags = config.compatibility_flags.map(quote)
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "gate", worker = .gate),
    (name = "ledgers", disk = (path = ${quote(ledgers)}, writable = true)),
    (name = "internet", network = (allow = [${networks.map(quote).join(', ')}], tlsOptions = (trustBrowserCas = true)))
  ],
  # A proxy before it that ends TLS says so in this field; without it tokens are refused as sent over plain http.
  sockets = [(name = "http", address = ${quote(address)}, http = (forwardedProtoHeader = "X-Forwarded-Proto"), service = "gate")]
);

const gate :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${quote(module)})],
  compatibilityDate = ${quote(config.compatibility_date ?? '')},
  compatibilityFlags = [${flags.join(', ')}],
  durableObjectNamespaces = [${namespaces.join(', ')}],
  durableObjectStorage = (localDisk = "ledgers"),
  bindings = [
    ${bindings.join(',\n    ')}
  ]
);
`
}

const PRIVATE_HOST =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[f[cd])|^[^.[\]:]+$|\.(?:internal|local|lan|home\.arpa)$/

/** Returns the networks that the URLs of a configuration lead to. Without any that is private, none is reached. */
export function networksOf(options: unknown): string[] {
  const networks = new Set(['public'])
  for (const host of hostsIn(options)) {
    if (/^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(host)) networks.add('local')
    else if (PRIVATE_HOST.test(host)) networks.add('private')
  }
  return [...networks]
}

function hostsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const url = /^https?:/.test(value) ? URL.parse(value) : null
    return url === null ? [] : [url.hostname]
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(hostsIn) : []
}
