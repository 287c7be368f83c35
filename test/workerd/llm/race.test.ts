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

beforeEach(async () => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
  world = await createWorld()
  models = providerIn(world)
  clock = driveClock()
  gate = gatewayOf({ count: 'bytes' }, clock.objects)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  world.end()
})

const CALLS = 1000
const CAP = 1000
/** An answer of so many tokens costs a little less than a tenth of what its call reserves. */
const TOKENS = 95

interface Priced {
  readonly reserved: bigint
  readonly kept: bigint
}

/** The provider pauses after three events, until it is told to go on. */
const CALL = {
  model: 'test',
  messages: [{ role: 'user', content: `[[tokens-${TOKENS}, pause-after-3]]` }],
  max_completion_tokens: CAP,
  stream: true,
}

/** What one such call reserves, and what it costs. */
async function priceOfCall(): Promise<Priced> {
  const rich = await createBuyer(gate, world)
  await rich.grant(1_000_000_000n)
  const answered = (async () => (await rich.post('/openai/v1/chat/completions', CALL)).text())()
  await clock.run(answered, async () => models.release())
  await clock.run(gate.settled())
  const [charge] = (await rich.reading()).recent
  return { reserved: charge?.reserved.price?.units ?? 0n, kept: charge?.kept.price?.units ?? 0n }
}

/** Looks at a balance whenever the clock moves on. */
function watching(buyer: Buyer): () => Promise<void> {
  return async () => expect(await buyer.credit()).toBeGreaterThanOrEqual(0n)
}

const countOf = <T>(all: readonly T[], which: (one: T) => boolean): number => all.filter(which).length

/** A test makes thousands of requests, each with all that a request does. */
const TEST_MS = 120_000

describe('a thousand calls at once, with credit for seven', { timeout: TEST_MS }, () => {
  it('are seven answers and 993 refusals as long as the seven are open, and the balance is never below zero', async () => {
    const { reserved, kept } = await priceOfCall()
    const buyer = await createBuyer(gate, world)
    await buyer.grant(7n * reserved)
    const before = models.log.length
    const posts = Array.from({ length: CALLS }, () => buyer.post('/openai/v1/chat/completions', CALL))
    const answers = await clock.run(Promise.all(posts), watching(buyer))
    expect(countOf(answers, ({ status }) => status === 200)).toBe(7)
    const refused = await Promise.all(
      answers.filter(({ status }) => status !== 200).map(async (answer) => [answer.status, await answer.json()]),
    )
    expect(refused).toHaveLength(993)
    for (const one of refused) expect(one).toMatchObject([429, { reason: 'too-many-requests', check: 'reserved' }])
    expect(models.log).toHaveLength(before + 7)
    expect(await buyer.credit()).toBe(0n)
    const open = Promise.all(answers.filter(({ ok }) => ok).map((answer) => answer.text()))
    await clock.run(open, async () => models.release())
    await clock.run(gate.settled())
    expect(kept).toBeLessThan(reserved / 10n)
    const { credit, totals } = await buyer.reading()
    expect(credit).toEqual([{ units: 7n * (reserved - kept), currency: 'USD' }])
    expect(totals).toMatchObject({ charges: 7, unsettled: 0, money: [{ name: 'USD', units: 7n * kept }] })
  })
})

/** How a client's call ended at last. `left`: by the client, after the first piece of an answer. */
type Ended = 'answered' | 'left' | 402 | 429

const MOST_TRIES = 3

/** Makes a call as an SDK does: what it is told to try again, it tries again, twice, when it is told. */
async function makeCall(buyer: Buyer, leaves: boolean, refused: (answer: Response) => Promise<void>): Promise<Ended> {
  for (let tried = 0; ; tried++) {
    const leaving = new AbortController()
    const fields = { 'x-stainless-retry-count': String(tried) }
    const answer = await buyer.post('/openai/v1/chat/completions', CALL, fields, leaving.signal)
    if (answer.ok && leaves) {
      const reader = answer.body?.getReader()
      await reader?.read()
      leaving.abort()
      await reader?.cancel()
      return 'left'
    }
    if (answer.ok) {
      expect(await answer.text()).toContain('data: [DONE]')
      return 'answered'
    }
    await refused(answer)
    if (answer.status === 402) return 402
    expect(answer.status).toBe(429)
    if (tried + 1 === MOST_TRIES) return 429
    const waitMs = Number(answer.headers.get('retry-after-ms') ?? Number(answer.headers.get('retry-after')) * 1000)
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}

/** How often the provider lets all answers go on that wait for it. */
const ANSWER_MS = 300

describe('a thousand clients that try again as they are told, with credit for seven reservations, or seventy answers', {
  timeout: TEST_MS,
}, () => {
  it('get at least sixty of them; none is told to pay while there is money, and the balance is never below zero', async () => {
    const { reserved, kept } = await priceOfCall()
    const granted = 7n * reserved
    expect(kept * 70n).toBeLessThanOrEqual(granted)
    const buyer = await createBuyer(gate, world)
    await buyer.grant(granted)
    const answering = setInterval(() => models.release(), ANSWER_MS)
    /** What was not yet spent when somebody was told to pay. */
    const left: bigint[] = []
    const refused = async (answer: Response): Promise<void> => {
      await answer.text()
      if (answer.status !== 402) return
      const { recent, credit } = await buyer.reading()
      const open = recent.filter(({ state }) => state === 'open')
      const held = open.reduce((sum, { kept: { price } }) => sum + (price?.units ?? 0n), 0n)
      left.push((credit[0]?.units ?? 0n) + held)
    }
    const calls = Array.from({ length: CALLS }, (_, index) => makeCall(buyer, index % 10 === 3, refused))
    const ended = await clock.run(Promise.all(calls), watching(buyer))
    await clock.run(gate.settled(), watching(buyer))
    clearInterval(answering)
    const count = (how: Ended): number => countOf(ended, (one) => one === how)
    const delivered = count('answered') + count('left')
    expect(delivered).toBeGreaterThanOrEqual(60)
    expect(count('left')).toBeGreaterThan(0)
    for (const units of left) expect(units).toBeLessThan(reserved)
    const { credit, totals } = await buyer.reading()
    const spent = totals.money[0]?.units ?? 0n
    expect(credit[0]?.units).toBe(granted - spent)
    expect(spent).toBe(BigInt(delivered) * kept)
    expect(totals).toMatchObject({ unsettled: 0 })
  })
})
