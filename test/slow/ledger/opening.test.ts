import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import type { Opening } from './opening.ts'

let workerd: Workerd

beforeAll(async () => {
  workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname, 'openingworker.ts'),
    objects: { LEDGER: 'Ledger' },
  })
})
afterAll(() => workerd.stop())

async function opened(ledger: string, query: string): Promise<Opening> {
  return (await (await fetch(`${workerd.url}/${ledger}?${query}`)).json()) as Opening
}

/**
 * A million charges take too long here. So some thousands are real, in commits of 64, and the keys of the others are
 * written by SQL, with the content of a real one: nothing else of a closed charge stays but rows of the journal, and those
 * before the checkpoint are not read.
 */
describe('an account', () => {
  it('with a million keyed charges today opens with at most 200 rows read, and knows their keys', async () => {
    await opened('many', 'use=160')
    const opening = await opened('many', 'fill=1000000')
    expect(opening).toMatchObject({ keys: 1_010_240, charges: 10_240, knows: true })
    expect(opening.rowsRead).toBeLessThanOrEqual(200)
    expect(opening.stateChars).toBeLessThan(4_000_000)
  })

  it('that had very many some days ago opens with as few, and keeps none of their keys', async () => {
    await opened('had many', 'use=1')
    await opened('had many', 'fill=300000&ago=2')
    const after = await opened('had many', 'use=1')
    expect(after).toMatchObject({ keys: 128, charges: 128, knows: false })
    const fresh = await opened('fresh', 'use=2')
    for (const { rowsRead } of [after, fresh]) expect(rowsRead).toBeLessThan(20)
  })
})
