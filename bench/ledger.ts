/** What one ledger reaches in plain workerd, with and without shared commits and calls: `node bench/ledger.ts`. */
import { join, resolve } from 'node:path'
import { bundle } from '../tools/bundle.ts'
import { cpuMicros } from './server.ts'
import { startWorkerd } from '../tools/workerd.ts'

const root = resolve(import.meta.dirname, '..')
const module = await bundle({
  entry: join(root, 'bench/workers/ledger.ts'),
  outdir: join(root, '.faregate/bench/ledger'),
})
const objects = { LEDGER: 'Ledger', ALONE: 'Alone' }
const rows: readonly (readonly [name: string, query: string])[] = [
  ['shared commits, 64 callers', 'object=LEDGER&callers=64'],
  ['shared commits, 256 callers', 'object=LEDGER&callers=256'],
  ['shared commits, 1 caller', 'object=LEDGER&callers=1&charges=2000'],
  ['a commit each, 64 callers', 'object=ALONE&callers=64&charges=5000'],
  ['a commit each, 1 caller', 'object=ALONE&callers=1&charges=2000'],
  ['shared commits, 64 callers, each charge settled', 'object=LEDGER&callers=64&settles'],
  ['a commit each, 64 callers, each charge settled', 'object=ALONE&callers=64&charges=5000&settles'],
  ['shared calls, 64 callers', 'object=LEDGER&callers=64&shares'],
  ['shared calls, 64 callers, each charge settled', 'object=LEDGER&callers=64&shares&settles'],
  ['shared calls, 1 caller, each charge settled', 'object=LEDGER&callers=1&charges=2000&shares&settles'],
  ['shared calls, 64 callers on 64 objects', 'object=LEDGER&callers=64&objects=64&shares'],
  ['shared commits, 64 callers on 64 objects', 'object=LEDGER&callers=64&objects=64'],
]
for (const [name, query] of rows) {
  const server = await startWorkerd({ module, objects, onLine: (line) => console.error(line) })
  for (const round of ['warm', 'measured']) {
    const before = await cpuMicros(server.pid)
    const response = await fetch(`${server.url}/?name=${round}&${query}`)
    const result = (await response.json()) as { charges: number }
    const after = await cpuMicros(server.pid)
    const cpu = before === undefined || after === undefined ? undefined : Math.round((after - before) / result.charges)
    if (round === 'measured') console.log(name.padEnd(50), JSON.stringify({ ...result, cpuMicrosEach: cpu }))
  }
  await server.stop()
}
