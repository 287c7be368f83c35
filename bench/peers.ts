import { access, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { bundle } from '../tools/bundle.ts'
import type { Row } from './rows.ts'
import type { Modules } from './server.ts'
import { PAGE } from './workers/pages.ts'

const root = resolve(import.meta.dirname, '..')

/** A paywall of others: the folder of its checkout or installation, and a Worker that answers the benchmark's page with it. */
interface Peer {
  readonly worker: Extract<Row['worker'], 'x402-proxy' | 'x402-hono'>
  readonly name: string
  readonly folder: string
  readonly entry: string
}

/** An address of nobody, on a test network: nothing is paid here. */
const PAYMENT = { payTo: '0x000000000000000000000000000000000000dEaD', price: '$0.01' }

/** Cloudflare's template as it is. Its variables are set here, because one of them is no text. */
const PROXY = `import app from './src/index'

const variables = {
  JWT_SECRET: 'not a secret: it signs nothing here',
  PAY_TO: '${PAYMENT.payTo}',
  NETWORK: 'base-sepolia',
  FACILITATOR_URL: 'https://facilitator.invalid',
  PROTECTED_PATTERNS: [{ pattern: '/articles/*', price: '${PAYMENT.price}', description: 'A page' }],
}

export default { fetch: (request, env, ctx) => app.fetch(request, { ...env, ...variables }, ctx) }
`

/** The middleware before the yardstick's own handler. What its facilitator supports is known without asking. */
const MIDDLEWARE = `import { Hono } from 'hono'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'

const network = 'eip155:84532'
const facilitator = {
  getSupported: async () => ({ kinds: [{ x402Version: 2, scheme: 'exact', network }], extensions: [], signers: {} }),
  verify: async () => ({ isValid: false, invalidReason: 'none is valid here' }),
  settle: async () => ({ success: false, errorReason: 'nothing is settled here', transaction: '', network }),
}
const server = new x402ResourceServer(facilitator).register(network, new ExactEvmScheme())
const accepts = { scheme: 'exact', network, price: '${PAYMENT.price}', payTo: '${PAYMENT.payTo}' }

export default new Hono()
  .use(paymentMiddleware({ 'GET /articles/*': { accepts, description: 'A page' } }, server))
  .get('/articles/:slug', (c) => c.text(${JSON.stringify(PAGE)}))
`

const PEERS: readonly Peer[] = [
  { worker: 'x402-proxy', name: 'x402 proxy template: 402', folder: 'x402-proxy-template', entry: PROXY },
  { worker: 'x402-hono', name: '@x402/hono: 402', folder: 'x402-hono', entry: MIDDLEWARE },
]

/** The rows of those that the folder has, whose Workers `bundlePeers` bundles. */
export async function peerRows(folder: string | undefined): Promise<readonly Row[]> {
  const found = await Promise.all(PEERS.map((peer) => isIn(folder, peer)))
  return PEERS.filter((_, index) => found[index]).map(({ worker, name }) => ({
    name,
    worker,
    path: '/articles/one',
    tokens: () => () => ({ token: undefined }),
    expected: { status: 402, isAnyBody: true },
  }))
}

async function isIn(folder: string | undefined, peer: Peer): Promise<boolean> {
  if (folder === undefined) return false
  return access(join(folder, peer.folder, 'node_modules/hono')).then(
    () => true,
    () => false,
  )
}

/** Bundles them as a deployment would. The entry is written beside their own files, where their packages are found. */
export async function bundlePeers(folder: string | undefined, workers: ReadonlySet<Row['worker']>): Promise<Modules> {
  const bundles = PEERS.filter(({ worker }) => workers.has(worker)).map(async (peer): Promise<[string, string]> => {
    const entry = resolve(folder ?? '', peer.folder, 'faregate-benchmark.ts')
    await writeFile(entry, peer.entry)
    return [peer.worker, await bundle({ entry, outdir: join(root, '.faregate/bench', peer.worker) })]
  })
  return new Map(await Promise.all(bundles))
}
