import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type DrivenClock, driveClock } from './drivenclock.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let clock: DrivenClock
let gate: Gate
let buyer: Buyer

/** A call that reserves 0.010 and a little, and whose answer waits after three events until it is let go on. */
const CALL = {
  model: 'test',
  messages: [{ role: 'user', content: '[[tokens-9, pause-after-3]]' }],
  max_completion_tokens: 1000,
  stream: true,
}

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  world = await createWorld()
  models = providerIn(world)
  clock = driveClock()
  gate = gatewayOf({ count: 'bytes', onShort: 'shrink' }, clock.objects)
  buyer = await createBuyer(gate, world)
  await buyer.grant(15_000_000n)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  world.end()
})

const post = (): Promise<Response> => buyer.post('/openai/v1/chat/completions', CALL)
/** What a call was allowed to answer. */
const capOf = ({ headers }: Response): string | null => headers.get('faregate-max-tokens')

describe('a call that may be answered with less, if others of its account hold the credit', () => {
  it('is answered whole if enough comes back while it waits', async () => {
    const first = await clock.run(post())
    const read = first.text()
    const second = post()
    let turns = 0
    // The first one ends while the second one waits.
    const answer = await clock.run(second, async () => {
      if (++turns === 20) models.release()
    })
    expect([first.status, answer.status, capOf(answer)]).toEqual([200, 200, null])
    await clock.run(Promise.all([read, answer.text()]), async () => models.release())
    await clock.run(gate.settled())
  })

  it('gets what is left after two seconds, and the balance is never below zero', async () => {
    const first = await clock.run(post())
    const answer = await clock.run(post(), async () => expect(await buyer.credit()).toBeGreaterThanOrEqual(0n))
    expect([first.status, answer.status]).toEqual([200, 200])
    expect(Number(capOf(answer))).toBeGreaterThan(0)
    expect(Number(capOf(answer))).toBeLessThan(1000)
    await clock.run(Promise.all([first.text(), answer.text()]), async () => models.release())
    await clock.run(gate.settled())
    expect((await buyer.reading()).totals).toMatchObject({ charges: 2, unsettled: 0 })
  })
})
