import { join } from 'node:path'
import { expect, it } from 'vitest'
import { replay } from '../../../tools/replay/replay.ts'
import { bundleOf, ROOT } from '../bundles.ts'

it('every number of the dashboard and of the metrics is what jq adds up, across midnights and changes of clocks', async () => {
  const { findings, requests, largestPageBytes } = await replay({
    module: bundleOf(join(ROOT, 'tools/replay')),
    folder: join(ROOT, '.faregate'),
    requests: 3000,
    seed: 1,
    coarseness: 16,
    lost: 0,
  })
  expect(findings.mismatches).toEqual([])
  expect([...findings.unknown]).toEqual([])
  expect(requests).toBe(3000)
  expect(findings.compared).toBeGreaterThan(5000)
  expect(largestPageBytes).toBeLessThan(60_000)
}, 900_000)
