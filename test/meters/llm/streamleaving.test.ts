import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Metered } from '../../../src/access/meter.ts'
import { followBody } from '../../../src/http/passthrough.ts'
import { afterLeaving, type UsageKnowledge, usageSource } from '../../../src/meters/llm/rules/answerend.ts'
import {
  amountOf,
  answered,
  charged,
  measured,
  RUNNING,
  TEXT,
  type ToyOptions,
  toyOptions,
  toyReader,
  upstream,
  USAGE,
} from './answers.ts'

afterEach(() => void vi.useRealTimers())

describe('a client that leaves', () => {
  type Way = (answer: Metered, options: ToyOptions) => void
  const ways: readonly [string, Way][] = [
    ['is seen to leave', (_answer, options) => options.leave()],
    ['takes no more', ({ response }) => void response.body?.cancel().catch(() => undefined)],
  ]

  describe.each(ways)('and %s', (_how, leave) => {
    it('has an answer cancelled at once whose usage is known as it goes', async () => {
      const { response, send, isCancelled } = upstream()
      send(RUNNING)
      const options = toyOptions()
      const answer = await measured(response, {}, options)
      leave(answer, options)
      send(TEXT)
      expect(await charged(answer)).toEqual([3n, 'bounded'])
      expect(isCancelled()).toBe(true)
    })

    it('has the rest read for the report at its end', async () => {
      const { response, send, end, isCancelled } = upstream()
      send(TEXT)
      const options = toyOptions()
      const answer = await measured(response, {}, options)
      leave(answer, options)
      for (let times = 0; times < 100; times++) send(TEXT)
      send(USAGE)
      end()
      expect(await charged(answer)).toEqual([7n, 'measured'])
      expect(isCancelled()).toBe(false)
      await options.done()
    })

    it('has the rest read only until its usage is known as it goes', async () => {
      const { response, send, isCancelled } = upstream()
      send(TEXT)
      const options = toyOptions()
      const answer = await measured(response, {}, options)
      leave(answer, options)
      send(TEXT)
      send(RUNNING)
      expect(await charged(answer)).toEqual([3n, 'bounded'])
      expect(isCancelled()).toBe(true)
    })

    it.each([
      ['what came, if that bounds it', true, [BigInt(new TextEncoder().encode(TEXT).byteLength), 'bounded']],
      ['the reservation', false, undefined],
    ])('is charged %s, once the provider has taken too long', async (_what, bounds, expected) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const { response, send, isCancelled } = upstream()
      send(TEXT)
      const options = toyOptions()
      const answer = await measured(response, { reader: toyReader(bounds), drainSeconds: 15 }, options)
      leave(answer, options)
      if (_how === 'takes no more') send('') // a write shows it
      await vi.advanceTimersByTimeAsync(14_999)
      expect(isCancelled()).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(await charged(answer)).toEqual(expected)
      expect(isCancelled()).toBe(true)
    })
  })

  it('before the first event has the call priced by its request', async () => {
    const { response, isCancelled } = upstream()
    const options = toyOptions()
    const asked = measured(response, { drainSeconds: 0, unreported: () => amountOf(5n) }, options)
    options.leave()
    expect(await charged(await asked)).toEqual([5n, undefined])
    expect(isCancelled()).toBe(true)
  })

  it('before the head of the answer has come pays for what the provider reports', async () => {
    const options = toyOptions()
    options.leave()
    const answer = await measured(answered([TEXT, USAGE]), {}, options)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })
})

describe('a stream that the gate ends', () => {
  it('ends in order after the last words of the gate, and its usage is settled as if its client had left', async () => {
    const { response, send, isCancelled } = upstream()
    send(RUNNING)
    const options = toyOptions()
    const answer = await measured(response, {}, options)
    const { body } = answer.response
    if (body === null) throw new Error('no body')
    followBody(answer.response, body).finish(new TextEncoder().encode('\n\nevent: held\ndata: {}\n\n'))
    expect(await new Response(body).text()).toBe(`${RUNNING}\n\nevent: held\ndata: {}\n\n`)
    expect(await charged(answer)).toEqual([3n, 'bounded'])
    expect(isCancelled()).toBe(true)
    await options.done()
  })
})

describe('what an answer costs', () => {
  const known = (all: string): UsageKnowledge => ({
    hasFinal: all.includes('F'),
    hasSoFar: all.includes('S'),
    hasBegun: all.includes('B'),
    hasFailed: all.includes('E'),
  })

  it.each([
    // what is known: F the final report, S a bound so far, B anything has come, E an error
    ['whole', 'FSB', 'final'],
    ['whole', 'SB', 'reserved'],
    ['whole', 'B', 'reserved'],
    ['whole', '', 'reserved'],
    ['whole', 'FSBE', 'final'],
    ['whole', 'SBE', 'so-far'],
    ['whole', 'BE', 'reserved'],
    ['whole', 'SE', 'nothing'],
    ['broken', 'FSB', 'final'],
    ['broken', 'SB', 'so-far'],
    ['broken', 'B', 'reserved'],
    ['broken', 'S', 'reserved'],
    ['broken', 'E', 'nothing'],
    ['cancelled', 'FSB', 'final'],
    ['cancelled', 'SB', 'so-far'],
    ['cancelled', 'B', 'reserved'],
    ['cancelled', 'S', 'unreported'],
    ['cancelled', '', 'unreported'],
    ['cancelled', 'E', 'nothing'],
  ] as const)('that is %s, of which %j is known, follows from: %s', (end, all, source) => {
    expect(usageSource(end, known(all))).toBe(source)
  })

  it.each([
    [true, 20, 'cancel'],
    [true, 0, 'cancel'],
    [false, 20, 'drain'],
    [false, 0, 'cancel'],
  ] as const)('of a client that left is learnt, if it runs along: %s, within %i s: %s', (isRunning, seconds, what) => {
    expect(afterLeaving(isRunning, seconds)).toBe(what)
  })
})
