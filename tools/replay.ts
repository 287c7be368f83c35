import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from './bundle.ts'
import { replay } from './replay/replay.ts'

const usage = `Replays requests through a gate whose clock crosses midnights and changes of clocks, and compares every number of its
dashboard and its metrics with what jq adds up from its log, and from what billing was told. Needs jq.

Usage: npm run -s replay -- [options]

  --requests <n>  how many (default: 100000)
  --seed <n>      which (default: 1)
  --coarse <n>    at fewer times of the clock: 1 is 1,300, 10 is 160 (default: 1)
  --folder <path> where its ledgers keep what they store meanwhile (default: .faregate)
  --help          this text
`

const MOST_SHOWN = 40

async function run(requests: number, seed: number, coarseness: number, folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true })
  const began = performance.now()
  const module = await bundle({ entry: 'tools/replay/worker.ts', outdir: '.faregate/replay' })
  const told = await replay({
    module,
    folder,
    requests,
    seed,
    coarseness,
    lost: 1 / 100,
    tell: (line) => console.error(line),
  })
  const { findings } = told
  console.log(
    `seed ${seed}: ${told.requests} requests, ${told.refusals} of them refused; ${told.charges} charges, of which billing got ${told.told} records`,
  )
  console.log(
    `${findings.compared} numbers compared at ${told.views} moments; ${findings.mismatches.length} mismatches`,
  )
  for (const mismatch of findings.mismatches.slice(0, MOST_SHOWN)) console.log(`  ${mismatch}`)
  if (findings.unknown.size > 0) console.log(`not compared: ${[...findings.unknown].join(', ')}`)
  console.log(`the largest page: ${told.largestPageBytes} bytes; the slowest: ${told.slowestPageMs} ms`)
  console.log(`${Math.round((performance.now() - began) / 1000)} seconds`)
  return findings.mismatches.length === 0
}

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    coarse: { type: 'string', default: '1' },
    folder: { type: 'string', default: resolve(import.meta.dirname, '../.faregate') },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(usage.trimEnd())
else
  process.exitCode = (await run(Number(values.requests), Number(values.seed), Number(values.coarse), values.folder))
    ? 0
    : 1
