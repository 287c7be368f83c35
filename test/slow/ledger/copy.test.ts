import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'

const root = join(import.meta.dirname, '../../..')

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(root, '.faregate/ledger-copy-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (storage: string): Promise<Workerd> =>
  startWorkerd({ module: bundleOf(import.meta.dirname), storage, objects: { LEDGER: 'Ledger' } })

interface Page {
  readonly value: {
    readonly charges: readonly { readonly id: string }[]
    readonly next?: string
    readonly state?: { readonly totals: { readonly charges: number }; readonly days: readonly unknown[] }
  }
}

/** The sums of the ledger, of its days too, the ids of all its charges, and its outbox. */
async function contentOf({ url }: Workerd) {
  const ids: string[] = []
  let state: Page['value']['state']
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { value } = (await (await fetch(`${url}/?after=${after}`)).json()) as Page
    ids.push(...value.charges.map(({ id }) => id))
    state ??= value.state
    after = value.next
  }
  return { ids, state, outbox: await (await fetch(url)).json() }
}

async function charge({ url }: Workerd, count: number, name: string): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => fetch(`${url}/?id=${name}-${index}`))
  expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true)
}

describe('a copy of the files of a workerd that was stopped', () => {
  it('has every ledger as it was, whatever became of the first since', async () => {
    const [storage, copy] = [join(folder, 'storage'), join(folder, 'copy')]
    const first = await start(storage)
    await charge(first, 700, 'before')
    const before = await contentOf(first)
    await first.stop()
    await cp(storage, copy, { recursive: true })

    const later = await start(storage)
    await charge(later, 50, 'after')
    expect((await contentOf(later)).state?.totals).toMatchObject({ charges: 750 })
    await later.stop()

    const restored = await start(copy)
    expect(await contentOf(restored)).toEqual(before)
    expect(before).toMatchObject({ state: { totals: { charges: 700 }, days: [{ charges: 700 }] } })
    expect(new Set(before.ids).size).toBe(700)
    await charge(restored, 1, 'again')
    expect((await contentOf(restored)).state?.totals).toMatchObject({ charges: 701 })
    await restored.stop()
  })
})
