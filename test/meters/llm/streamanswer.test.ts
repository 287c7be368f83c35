import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { followBody, tapBody } from '../../../src/http/passthrough.ts'
import { type AnswerPlan, measureAnswer } from '../../../src/meters/llm/answer.ts'
import {
  amountOf,
  answered,
  charged,
  DONE,
  event,
  measured,
  PING,
  RUNNING,
  TERMINAL,
  TEXT,
  toyOptions,
  toyPlan,
  toyReader,
  upstream,
  USAGE,
} from './answers.ts'

afterEach(() => void vi.useRealTimers())

const receipt = (amount: string, more = ''): string =>
  `: faregate {"charge":"c1","amount":"${amount}","currency":"USD"${more}}\n\n`

describe('a stream', () => {
  it('passes byte for byte, and is charged what its end reports', async () => {
    const answer = await measured(answered([TEXT, TEXT, USAGE, DONE]))
    expect(await answer.response.text()).toBe(TEXT + TEXT + USAGE + DONE)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it('passes each event before the next has come', async () => {
    const { response, send } = upstream()
    send(TEXT)
    const reader = (await measured(response)).response.body?.getReader()
    for (let times = 0; times < 3; times++) {
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(TEXT)
      send(TEXT)
    }
    await reader?.cancel()
  })

  it('passes without the event that holds nothing but usage, if its client did not ask for usage', async () => {
    const answer = await measured(answered([TEXT, event({ text: 'b', usage: 5 }), USAGE, DONE]), { dropsUsage: true })
    expect(await answer.response.text()).toBe(TEXT + event({ text: 'b', usage: 5 }) + DONE)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it('has a head without a length, since that may change, and all else of its head', async () => {
    const { response, end, send } = upstream('text/event-stream', { 'content-length': '99', 'x-request-id': 'r1' })
    send(TEXT)
    end()
    const { headers } = (await measured(response)).response
    expect([headers.get('content-length'), headers.get('x-request-id')]).toEqual([null, 'r1'])
  })

  it.each([
    ['last of all', 7n, [TEXT, USAGE, event({ usage: 9 }), DONE], 9n],
    ['in an event without a blank line after it', 7n, [TEXT, 'data: {"usage":8}'], 8n],
  ])('is charged what is reported %s', async (_when, _first, pieces, units) => {
    const answer = await measured(answered(pieces))
    expect(await answer.response.text()).toBe(pieces.join(''))
    expect(await charged(answer)).toEqual([units, 'measured'])
  })

  it('that reports no usage costs the reservation', async () => {
    const answer = await measured(answered([TEXT, RUNNING, DONE]), { reader: toyReader(true) })
    await answer.response.text()
    expect(await charged(answer)).toBe(undefined)
  })

  it('whose usage cannot be priced costs the reservation', async () => {
    const answer = await measured(answered([TEXT, USAGE]), { price: () => Promise.reject(new Error('no rate')) })
    await answer.response.text()
    expect(await charged(answer)).toBe(undefined)
  })

  it('shows what is sent to whoever asks before it is too late, and that it is whole', async () => {
    const options = toyOptions()
    const plan = { dropsUsage: true, hasReceipt: true }
    const { response } = await measured(answered([TEXT, USAGE, DONE]), plan, options)
    if (response.body === null) throw new Error('no body')
    const seen: (string | undefined)[] = []
    tapBody(response.body, (piece) => seen.push(piece && new TextDecoder().decode(piece)))
    expect(followBody(response, response.body).body).toBe(response.body)
    const text = await response.text()
    await options.done()
    expect([seen.slice(0, -1).join(''), seen.at(-1)]).toEqual([text, undefined])
  })
})

describe('the receipt of a stream', () => {
  const hasReceipt = true

  it.each([
    ['what was charged', [TEXT, USAGE, DONE], receipt('0.000000007')],
    ['the reservation, if nothing is known', [TEXT, DONE], receipt('0.0000001', ',"basis":"reserved"')],
    ['no more than the reservation', [TEXT, event({ usage: 101 })], receipt('0.0000001')],
  ])('is a comment at its end that says %s', async (_what, pieces, comment) => {
    const { response } = await measured(answered(pieces), { hasReceipt })
    expect(await response.text()).toBe(pieces.join('') + comment)
  })

  it('comes after a blank line, if the last event has none', async () => {
    const { response } = await measured(answered([TEXT, 'data: [DONE]']), { hasReceipt })
    expect(await response.text()).toMatch(/\ndata: \[DONE\]\n\n: faregate \{.*\}\n\n$/)
  })

  it('is none where nothing is charged', async () => {
    const { response } = await measured(answered([TEXT, USAGE]), { hasReceipt }, toyOptions({ charge: undefined }))
    expect(await response.text()).toBe(TEXT + USAGE)
  })

  it('says the charge alone where no money is', async () => {
    const bound = { amount: { counts: [{ name: 'tokens', units: 9n }] } }
    const price: AnswerPlan['price'] = () => ({ counts: [{ name: 'tokens', units: 7n }] })
    const { response } = await measured(answered([TEXT, USAGE]), { hasReceipt, price }, toyOptions({ bound }))
    expect(await response.text()).toBe(`${TEXT}${USAGE}: faregate {"charge":"c1"}\n\n`)
  })
})

describe('an error in place of an answer', () => {
  const failing = event({ error: 'overloaded' }, 'error')

  it.each([
    ['first', [failing]],
    ['after signs of life', [': waiting\n\n', PING, `${PING}${failing}`]],
    ['in pieces', failing.split('')],
  ])('is found %s, and nothing has left', async (_when, pieces) => {
    const { response, send, isCancelled } = upstream()
    for (const piece of pieces) send(piece)
    const result = await measureAnswer(response, toyPlan(), toyOptions())
    expect(result).toEqual({ ok: false, error: { kind: 'error', name: 'error', data: { error: 'overloaded' } } })
    expect(isCancelled()).toBe(true)
  })

  it.each([
    ['ends', 'end'],
    ['breaks off', 'die'],
  ] as const)('is what a stream is that %s before its first event', async (_how, how) => {
    const { response, send, ...provider } = upstream()
    send(PING)
    const result = measureAnswer(response, toyPlan(), toyOptions())
    provider[how]()
    expect(await result).toEqual({ ok: false, error: { kind: 'broken', name: undefined, data: undefined } })
  })

  it('is waited for ten seconds, and then costs nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { response, send, end } = upstream()
    send(': waiting\n\n')
    const asked = measured(response)
    await vi.advanceTimersByTimeAsync(10_000)
    const answer = await asked
    send(failing)
    end()
    expect(await answer.response.text()).toBe(`: waiting\n\n${failing}`)
    expect(await answer.used()).toEqual(amountOf(0n))
  })
})

describe('a provider that breaks off', () => {
  async function broken(pieces: readonly string[], plan: Partial<AnswerPlan> = {}) {
    const { response, send, die } = upstream()
    for (const piece of pieces) send(piece)
    const held = pieces.slice(0, plan.dropsUsage === true ? 1 : pieces.length).join('')
    const answer = await measured(response, plan)
    const reader = answer.response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const next = async (): Promise<boolean> => {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      text += value ?? ''
      return !done
    }
    while (text.length < held.length) await next()
    die()
    while (await next());
    return { text, charged: await charged(answer) }
  }

  it.each([
    ['after an event', [TEXT, RUNNING], TEXT + RUNNING + TERMINAL],
    ['inside an event', [TEXT, RUNNING, 'data: {"te'], `${TEXT}${RUNNING}data: {"te\n\n${TERMINAL}`],
  ])('%s has its stream end with the error of its API, and costs what came', async (_when, pieces, text) => {
    expect(await broken(pieces)).toEqual({ text, charged: [3n, 'bounded'] })
  })

  it('inside an event that is held back has that dropped', async () => {
    const { text } = await broken([TEXT, 'data: {"te'], { dropsUsage: true })
    expect(text).toBe(TEXT + TERMINAL)
  })

  it('after its report costs what it reported', async () => {
    expect((await broken([TEXT, USAGE])).charged).toEqual([7n, 'measured'])
  })

  it('costs the reservation, if nothing bounds what it used', async () => {
    expect((await broken([TEXT])).charged).toBe(undefined)
  })

  it('after an error of its own has no second error added', async () => {
    const failing = event({ error: 'overloaded' }, 'error')
    expect(await broken([TEXT, RUNNING, failing])).toEqual({ text: TEXT + RUNNING + failing, charged: [3n, 'bounded'] })
  })

  it('has the receipt follow the error', async () => {
    const { text } = await broken([RUNNING], { hasReceipt: true })
    expect(text).toBe(RUNNING + TERMINAL + receipt('0.000000003'))
  })
})

describe('an error in the middle of a stream', () => {
  it('passes as it is, and costs what came', async () => {
    const pieces = [TEXT, RUNNING, event({ error: 'overloaded' }, 'error')]
    const answer = await measured(answered(pieces))
    expect(await answer.response.text()).toBe(pieces.join(''))
    expect(await charged(answer)).toEqual([3n, 'bounded'])
  })
})

describe('the pieces in which an answer comes', () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => event({ text })),
      fc.constantFrom(USAGE, RUNNING, PING, ': comment\n\n', event({ text: 'x', usage: 3 }), DONE),
    ),
    { minLength: 1, maxLength: 12 },
  )
  const ends = fc.constantFrom('\n', '\r\n', '\r')

  it('change neither what its client gets nor what it costs', async () => {
    await fc.assert(
      fc.asyncProperty(texts, ends, fc.array(fc.nat()), fc.boolean(), async (events, end, at, dropsUsage) => {
        const bytes = new TextEncoder().encode([TEXT, ...events].join('').replaceAll('\n', end))
        const places = [...new Set(at.map((place) => place % bytes.length))].sort((a, b) => a - b)
        const cuts = [0, ...places].map((from, index) => bytes.slice(from, places[index] ?? bytes.length))
        const singly = Array.from(bytes, (byte) => Uint8Array.of(byte))
        const outcomes = []
        for (const pieces of [[bytes], cuts, singly]) {
          const answer = await measured(answered(pieces), { dropsUsage, hasReceipt: true })
          outcomes.push({ text: await answer.response.text(), charged: await charged(answer) })
        }
        expect(outcomes[1]).toEqual(outcomes[0])
        expect(outcomes[2]).toEqual(outcomes[0])
        if (!dropsUsage) expect(outcomes[0]?.text.startsWith(new TextDecoder().decode(bytes))).toBe(true)
        else expect(outcomes[0]?.text).not.toMatch(/\{"usage"/)
      }),
      { numRuns: 60 },
    )
  })
})
