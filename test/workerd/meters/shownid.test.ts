import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MeasureOptions, Meter } from '../../../src/index.ts'
import { words } from '../../meters/toy.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Client, createClient, meteredGate, ONE, piecesOf, textOf } from './gate.ts'

let world: World
let gate: Gate
let client: Client
let told: (string | undefined)[]

const wish = {
  method: 'POST',
  body: JSON.stringify({ words: 40, models: ['small'] }),
  headers: { 'content-type': 'application/json' },
}

/** Counts words, and notes by which charge the gate has it do so. */
function noting(): Meter {
  const meter = words({ models: { small: ONE } })
  return {
    ...meter,
    measure(response, attempt, options: MeasureOptions) {
      told.push(options.charge)
      return meter.measure(response, attempt, options)
    },
  }
}

beforeEach(async () => {
  told = []
  world = await createWorld()
  gate = meteredGate(noting())
  client = createClient(gate, world, 1000)
  world.origin = () => new Response(piecesOf(textOf(12)))
})
afterEach(() => world.end())

describe('the charge of a metered request', () => {
  it('is named in its response, and to the meter', async () => {
    const { headers } = await client.visit('/metered/x', await client.withToken(wish))
    const [charge] = (await client.reading()).recent
    expect([headers.get('faregate-charge'), ...told]).toEqual([charge?.id, charge?.id])
  })

  it('is named by the id of the first try in every further one under a key', async () => {
    world.origin = () => Promise.reject(new Error('down'))
    const keyed = { ...wish, headers: { ...wish.headers, 'idempotency-key': crypto.randomUUID() } }
    const first = await client.visit('/metered/x', await client.withToken(keyed))
    expect([first.status, first.headers.get('faregate-charge')]).toEqual([502, null])
    world.origin = () => new Response(piecesOf(textOf(12)))
    const { headers, status } = await client.visit('/metered/x', await client.withToken(keyed))
    const [again, before] = (await client.reading()).recent
    expect([status, headers.get('faregate-charge'), told]).toEqual([200, before?.id, [before?.id]])
    expect(again?.id).not.toBe(before?.id)
  })

  it.each([
    ['that costs nothing', '/metered/models', 'account'],
    ['that a receipt pays for', '/sold/x', 'receipt'],
  ])('is not named for a request %s', async (_what, path, payer) => {
    const init = payer === 'receipt' ? await client.receipt(wish, crypto.randomUUID()) : await client.withToken(wish)
    const { status, headers } = await client.visit(path, init)
    expect([status, headers.get('faregate-charge')]).toEqual([200, null])
    expect(told.filter((id) => id !== undefined)).toEqual([])
  })
})
