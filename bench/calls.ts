import { Session } from 'node:inspector/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createIssuer } from './tokens.ts'

/**
 * `npm run -s calls`: how many functions of our own one warm request calls, and in how many files. V8 counts them, so the
 * figures are exact, and the same on every machine. What a request costs is for the benchmark to say; this says how much of
 * the code somebody has to read to follow it.
 */

const root = resolve(import.meta.dirname, '..')
const source = pathToFileURL(join(root, 'src/')).href
/** Of the runtime's types, which these tools are not compiled with. */
const { createPipeline } = (await import(pathToFileURL(join(root, 'bench/workers/pipeline.ts')).href)) as {
  createPipeline: (keys: Readonly<Record<string, unknown>>[]) => (path: string, token?: string) => Promise<number>
}

interface Counted {
  readonly functions: number
  readonly calls: number
  readonly files: number
}

async function count(session: Session, work: () => Promise<unknown>): Promise<Counted> {
  for (let warm = 0; warm < 5; warm++) await work()
  await session.post('Profiler.takePreciseCoverage') // which begins anew
  await work()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const called = result
    .filter(({ url }) => url.startsWith(source))
    .flatMap(({ url, functions }) =>
      functions.flatMap(({ ranges: [range] }) => (range?.count ? [{ url, calls: range.count }] : [])),
    )
  return {
    functions: called.length,
    calls: called.reduce((sum, { calls }) => sum + calls, 0),
    files: new Set(called.map(({ url }) => url)).size,
  }
}

async function main(): Promise<void> {
  const issuer = createIssuer('ES256')
  const pipeline = createPipeline([issuer.publicJwk])
  const limits = [{ name: 'requests', quota: 1_000_000, unit: 'requests', window: 86_400, kind: 'fixed' }]
  const [plain, limited] = [await issuer.issue(), await issuer.issue({ limits })]
  const ask = (path: string, token?: string) => async (): Promise<void> => {
    const status = await pipeline(path, token)
    if (status !== (token === undefined ? 402 : 200)) throw new Error(`${path} was answered ${status}`)
  }
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  const rows = {
    'refused, no credential': ask('/articles/1'),
    'paid, from memory': ask('/articles/1', plain),
    'metered, not stored': ask('/metered/1', limited),
  }
  console.log('| | functions | calls | files |\n|---|--:|--:|--:|')
  for (const [name, work] of Object.entries(rows)) {
    const { functions, calls, files } = await count(session, work)
    console.log(`| ${name} | ${functions} | ${calls} | ${files} |`)
  }
  session.disconnect()
}

await main()
