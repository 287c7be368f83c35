import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { orders } from '../../src/ledger/rules/orders.ts'
import { stripeMeter, type StripeMeterOptions } from '../../src/stripe/meter.ts'
import { PureLedger, EUR, HOUR, MINUTE, units } from '../ledger/rules/pureledger.ts'
import { httpBilling } from '../usage/billing.ts'
import { holdSinkToContract, sending } from '../usage/contract.ts'
import { FACTS, flush, type Posted, postedOf, recordsOf } from '../usage/records.ts'

const KEY = 'rk_test_a_key_for_the_tests'

let ledger: PureLedger
type Form = Readonly<Record<string, string>>

let posts: Posted<Form>[]
let answer: (form: Form) => Response
const warn = vi.fn()

const failing = (status: number, error: Record<string, unknown> = {}) => Response.json({ error }, { status })

beforeEach(() => {
  ledger = new PureLedger()
  posts = []
  answer = () => Response.json({ object: 'billing.meter_event' })
  warn.mockClear()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const posted = postedOf(url, init, (body): Form => Object.fromEntries(new URLSearchParams(body)))
    posts.push(posted)
    return answer(posted.content)
  })
})
afterEach(() => void vi.restoreAllMocks())

const meters = { requests: 'api_requests', tokens: 'llm_tokens', cached: 'cached_tokens' }
const env = { KEY }
const send = sending(stripeMeter({ key: 'KEY', meters }), env, () => ledger.now, warn)
const values = () => posts.map(({ content }) => [content['identifier'], content['payload[value]']])

holdSinkToContract('stripeMeter', () =>
  Object.assign(
    httpBilling((body) => [new URLSearchParams(body).get('identifier')?.replace(/\/requests$/, '') ?? ''], [KEY]),
    {
      sink: stripeMeter({ key: 'KEY', meters }),
      env,
      tells: ({ id }: { id: string }) => id.endsWith('/amend'),
      canRefuse: true,
      given: (bad: unknown) => stripeMeter(bad as StripeMeterOptions),
    },
  ),
)

describe('Stripe', () => {
  it('is told what a meter counted by class, once the charge is closed, and less if it is given back', async () => {
    const lines = [
      { name: 'cached', units: 25n },
      { name: 'tokens', units: 9n },
      { name: 'untold', units: 4n },
    ]
    const made = ledger.charge({ counts: units(40n, 'tokens'), facts: { ...FACTS, meter: 'openai' } })
    ledger.advance(HOUR)
    ledger.amend(made, 'complete', {
      counts: units(31n, 'tokens'),
      breakdown: { of: 'small', basis: 'measured', lines },
    })
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    await flush(ledger, send)
    expect(values()).toEqual([
      ['c1/unsettled/tokens', '40'],
      ['c1/amend/tokens', '-9'],
      ['c1/amend/cached', '25'],
      ['c1/reversed/tokens', '-31'],
      ['c1/reversed/cached', '-25'],
    ])
  })

  it('is told of each meter of a closed charge', async () => {
    ledger.grant(1_000_000_000n)
    const counts = [...units(3n), ...units(40n, 'tokens'), ...units(1n, 'untold')]
    const made = ledger.charge({ counts, price: EUR(250_000_000n), facts: FACTS })
    ledger.charge({ counts: units(1n), facts: FACTS })
    ledger.amend(made, 'broken', { counts: units(2n) })
    expect(await flush(ledger, send)).toHaveLength(3)
    expect(posts[0]?.url).toBe('https://api.stripe.com/v1/billing/meter_events')
    expect(posts[0]?.init).toMatchObject({ method: 'POST', redirect: 'manual' })
    expect(posts[0]?.init.headers).toEqual({
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Bearer ${KEY}`,
    })
    const common = { timestamp: `${ledger.now / 1000}`, 'payload[stripe_customer_id]': 'cus_ann' }
    expect(posts.map(({ content }) => content)).toEqual([
      { ...common, event_name: 'api_requests', identifier: 'c1/amend/requests', 'payload[value]': '2' },
      { ...common, event_name: 'llm_tokens', identifier: 'c1/amend/tokens', 'payload[value]': '40' },
    ])
  })

  it('is told a negative value where somebody says after all what nobody said', async () => {
    const made = ledger.charge({ counts: units(3n), facts: FACTS })
    ledger.advance(2 * MINUTE)
    await flush(ledger, send)
    ledger.amend(made, 'broken', { counts: units(1n) })
    await flush(ledger, send)
    expect(values()).toEqual([
      ['c1/unsettled/requests', '3'],
      ['c1/amend/requests', '-2'],
    ])
  })

  it('is told a negative value of a charge that an operator gave back', async () => {
    recordsOf(ledger, 1)
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    await flush(ledger, send)
    expect(values()).toEqual([
      ['c1/amend/requests', '3'],
      ['c1/reversed/requests', '-3'],
    ])
  })

  it('is told nothing of what was given back, of prices, of receipts or of other counts', async () => {
    ledger.grant(10n)
    ledger.amend(ledger.charge({ counts: units(3n), facts: FACTS }), 'none')
    ledger.amend(ledger.charge({ price: EUR(5n), facts: FACTS }))
    ledger.amend(ledger.charge({ counts: units(3n, 'constructor'), facts: FACTS }))
    ledger.amend(ledger.charge({ counts: units(3n), facts: { zone: 'news', receipt: 'cus_r' } }))
    expect(await flush(ledger, send)).toHaveLength(8)
    expect([posts, warn.mock.calls]).toEqual([[], []])
  })

  it('is not told of an account that is no customer, which the log says without naming it', async () => {
    recordsOf(ledger, 1, { ...FACTS, account: 'secret-name' })
    expect(await flush(ledger, send)).toHaveLength(2)
    expect(posts).toEqual([])
    expect(warn.mock.calls).toEqual([['passed over: the account is no customer of Stripe', 'c1/amend']])
  })

  it.each([
    ['without a code, as it does', { message: 'An event already exists with identifier c1/amend/requests.' }],
    ['with a code', { code: 'duplicate_meter_event', message: 'Something else.' }],
  ])('has what it calls a duplicate, %s', async (_name, error) => {
    recordsOf(ledger, 1)
    answer = () => failing(400, { type: 'invalid_request_error', ...error })
    expect(await flush(ledger, send)).toHaveLength(2)
    expect(warn).not.toHaveBeenCalled()
  })

  it.each([401, 409, 429, 500, 503])('is told again from where it answered %i', async (status) => {
    recordsOf(ledger, 3)
    answer = ({ identifier }) => (identifier === 'c2/amend/requests' ? failing(status) : Response.json({}))
    expect(await flush(ledger, send)).toEqual([2, 1, 3, 5])
    expect(values()).toHaveLength(2)
    answer = () => Response.json({})
    await flush(ledger, send)
    expect(
      values()
        .slice(2)
        .map(([id]) => id),
    ).toEqual(['c2/amend/requests', 'c3/amend/requests'])
    expect(ledger.records()).toEqual([])
    expect(warn.mock.calls).toEqual([[`status ${status}`]])
  })

  it('does not hold up the others for one that it refuses, and the log has neither message nor customer', async () => {
    recordsOf(ledger, 3)
    const error = { code: 'resource_missing', message: `No such customer: 'cus_ann' ${KEY}` }
    answer = ({ identifier }) => (identifier === 'c2/amend/requests' ? failing(400, error) : Response.json({}))
    await flush(ledger, send)
    expect(ledger.records()).toEqual([])
    expect(warn.mock.calls).toEqual([['passed over: status 400 resource_missing', 'c2/amend']])
  })

  it('keeps nothing waiting for longer than half a day that it refuses, for it soon forgets identifiers', async () => {
    recordsOf(ledger, 1)
    // Such an answer is not read to its end: this one has none.
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(60)) })
    answer = () => new Response(endless, { status: 400 })
    await flush(ledger, send)
    answer = () => new Response('<html>', { status: 400 })
    expect(ledger.records()).toHaveLength(1)
    ledger.now += 12 * HOUR + 1
    await flush(ledger, send)
    expect(ledger.records()).toEqual([])
    expect(warn.mock.calls).toEqual([
      ['status 400', 'c1/amend'],
      ['passed over: status 400', 'c1/amend'],
    ])
  })

  it('is told of no further meter of a charge than the one that failed, and of that one again', async () => {
    const counts = [...units(3n), ...units(40n, 'tokens')]
    ledger.amend(ledger.charge({ counts, facts: FACTS }))
    answer = ({ event_name: name }) => (name === 'llm_tokens' ? failing(503) : Response.json({}))
    expect(await flush(ledger, send)).toEqual([1])
    answer = ({ event_name: name }) =>
      name === 'llm_tokens'
        ? Response.json({})
        : failing(400, { message: 'An event already exists with identifier c1/amend/requests.' })
    expect(await flush(ledger, send)).toEqual([2])
  })

  it('may not answer at all', async () => {
    recordsOf(ledger, 1)
    answer = () => {
      throw new DOMException(`the request to ${KEY} took too long`, 'TimeoutError')
    }
    expect(await flush(ledger, send)).toEqual([1])
    expect(warn.mock.calls).toEqual([['TimeoutError: no answer in time']])
  })
})
