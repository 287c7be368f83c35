import { once } from 'node:events'
import { request as send } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { bundleOf } from '../bundles.ts'

let gate: Workerd

beforeAll(async () => {
  const objects = { LEDGER: 'Ledger', EARLIER: 'Earlier' }
  gate = await startWorkerd({ module: bundleOf(import.meta.dirname), objects })
})
afterAll(() => gate.stop())

/** How a client behaves: well, or it leaves as soon as it has asked, or its request throws in the gate. */
type Manner = 'good' | 'leaves' | 'throws'

const urlOf = (name: string, path: string, more = ''): string => `${gate.url}/${path}?name=${name}${more}`

async function ask(name: string, id: string, manner: Manner, more = ''): Promise<number | undefined> {
  const url = urlOf(name, id, manner === 'throws' ? `${more}&throws` : more)
  if (manner === 'leaves') return leave(url)
  return (await fetch(url)).status
}

/** Asks, and closes the connection once the request has left. */
async function leave(url: string): Promise<undefined> {
  const request = send(url, { agent: false })
  request.on('error', () => undefined)
  request.end()
  await once(request, 'finish')
  request.destroy()
}

/** What clients were answered, by the ids of their charges. */
type Statuses = Map<string, number | undefined>

interface Load {
  readonly name: string
  readonly requests: number
  readonly callers?: number
  readonly mannerOf?: (index: number) => Manner
  readonly also?: (index: number) => Promise<unknown> | undefined
  readonly more?: string
}

async function load({ name, requests, callers = 32, mannerOf, also, more }: Load): Promise<Statuses> {
  const statuses: Statuses = new Map()
  let begun = 0
  const call = async (): Promise<void> => {
    while (begun < requests) {
      const index = begun++
      const id = `${name}-${index}`
      const [status] = await Promise.all([ask(name, id, mannerOf?.(index) ?? 'good', more), also?.(index)])
      statuses.set(id, status)
    }
  }
  await Promise.all(Array.from({ length: callers }, call))
  return statuses
}

interface LedgerState {
  readonly calls: number
  readonly outbox: {
    readonly value: readonly {
      readonly charge: string
      readonly kind: string
      readonly delivery?: string
      readonly change: { readonly counts: readonly { readonly units: number }[] }
    }[]
  }
}

async function stateOf(name: string, more = ''): Promise<LedgerState> {
  return (await (await fetch(urlOf(name, 'state', more))).json()) as LedgerState
}

/** How often each charge was made, what it kept, and whether its end was told. */
function chargesIn({ outbox }: LedgerState): Map<string, { made: number; kept: number; isTold: boolean }> {
  const charges = new Map<string, { made: number; kept: number; isTold: boolean }>()
  for (const { charge, kind, change } of outbox.value) {
    const found = charges.get(charge) ?? { made: 0, kept: 0, isTold: false }
    const units = change.counts.reduce((sum, count) => sum + count.units, 0)
    charges.set(charge, {
      made: found.made + (kind === 'charge' ? 1 : 0),
      kept: found.kept + units,
      isTold: found.isTold || kind === 'amend',
    })
  }
  return charges
}

const idsOf = (statuses: Statuses, status: number): string[] =>
  [...statuses].filter(([, found]) => found === status).map(([id]) => id)

/** Resolves once every request that was answered 200 has one charge, whose end is told, and no refused one keeps any. */
function settled(name: string, statuses: Statuses, more = ''): Promise<LedgerState> {
  return vi.waitFor(
    async () => {
      const state = await stateOf(name, more)
      const charges = chargesIn(state)
      const kept = { made: 1, kept: 1, isTold: true }
      expect(idsOf(statuses, 200).filter((id) => !isSame(charges.get(id), kept))).toEqual([])
      expect(idsOf(statuses, 503).filter((id) => (charges.get(id)?.kept ?? 0) !== 0)).toEqual([])
      expect([...charges.values()].filter(({ made }) => made !== 1)).toEqual([])
      return state
    },
    { timeout: 20_000, interval: 200 },
  )
}

const isSame = (one: object | undefined, other: object): boolean => JSON.stringify(one) === JSON.stringify(other)

describe('calls of many requests to one ledger', () => {
  it('are shared: one in turn makes one, 32 at once make a fifth of one each at most', async () => {
    const alone = await load({ name: 'alone', requests: 100, callers: 1 })
    expect(idsOf(alone, 200)).toHaveLength(100)
    const { calls } = await settled('alone', alone)
    expect(calls).toBeLessThanOrEqual(110)
    const together = await load({ name: 'together', requests: 2000 })
    expect(idsOf(together, 200)).toHaveLength(2000)
    expect((await settled('together', together)).calls).toBeLessThanOrEqual(400)
  })

  it.each<[string, (index: number) => Manner]>([
    ['clients leave', (index) => (index % 7 === 0 ? 'leaves' : 'good')],
    ['requests throw', (index) => (index % 5 === 0 ? 'throws' : 'good')],
  ])('are lost for nobody else if %s', async (name, mannerOf) => {
    const statuses = await load({ name: encodeURIComponent(name), requests: 700, mannerOf })
    const asGood = Array.from({ length: 700 }, (_, index) => mannerOf(index)).filter((manner) => manner === 'good')
    expect(idsOf(statuses, 200)).toHaveLength(asGood.length)
    await settled(encodeURIComponent(name), statuses)
  })

  it('are made again if the object is reset, and nothing is charged twice', async () => {
    const also = (index: number): Promise<unknown> | undefined =>
      index % 150 === 149 ? fetch(urlOf('reset', 'reset')) : undefined
    const statuses = await load({ name: 'reset', requests: 1500, also })
    expect(idsOf(statuses, 200).length + idsOf(statuses, 503).length).toBe(1500)
    await settled('reset', statuses)
  })

  it('to an object that is held up hold up no other', async () => {
    await fetch(urlOf('held', 'hold'))
    const held = load({ name: 'held', requests: 40, callers: 40 })
    const isFirst = Promise.race([
      held.then(() => 'held'),
      load({ name: 'fast', requests: 300 }).then((statuses) => idsOf(statuses, 200).length),
    ])
    expect(await isFirst).toBe(300)
    await fetch(urlOf('held', 'release'))
    expect(idsOf(await held, 200)).toHaveLength(40)
    await settled('held', await held)
  })

  it('go one by one to an object of an earlier version', async () => {
    const more = '&class=EARLIER'
    const statuses = await load({ name: 'earlier', requests: 300, more })
    expect(idsOf(statuses, 200)).toHaveLength(300)
    await settled('earlier', statuses, more)
  })
})
