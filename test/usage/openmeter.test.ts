import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { orders } from '../../src/ledger/rules/orders.ts'
import { openmeter, type OpenMeterOptions } from '../../src/usage/openmeter.ts'
import { PureLedger, EUR, MINUTE, units } from '../ledger/rules/pureledger.ts'
import { httpBilling } from './billing.ts'
import { holdSinkToContract, sending } from './contract.ts'
import { FACTS, flush, type Posted, postedOf, recordsOf } from './records.ts'

interface Event {
  readonly id: string
  readonly source: string
  readonly data: Readonly<Record<string, unknown>>
}

let ledger: PureLedger
let posts: Posted<readonly Event[]>[]
let answer: (events: readonly Event[]) => Response
const warn = vi.fn()

beforeEach(() => {
  ledger = new PureLedger()
  posts = []
  answer = () => new Response(null, { status: 204 })
  warn.mockClear()
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const posted = postedOf(url, init, (body) => JSON.parse(body) as Event[])
    posts.push(posted)
    return answer(posted.content)
  })
})
afterEach(() => void vi.restoreAllMocks())

const env = { TOKEN: 'om_a_token_for_the_tests' }
const options = { url: 'https://meter.test/', token: 'TOKEN' }
const send = sending(openmeter(options), env, () => ledger.now, warn)
const told = () => posts.flatMap(({ content }) => content)

holdSinkToContract('openmeter', () =>
  Object.assign(
    httpBilling((body) => (JSON.parse(body) as Event[]).map(({ id }) => id), [env.TOKEN]),
    {
      sink: openmeter(options),
      env,
      tells: ({ id }: { id: string }) => id.endsWith('/amend'),
      canRefuse: true,
      given: (bad: unknown) => openmeter(bad as OpenMeterOptions),
    },
  ),
)

describe('OpenMeter', () => {
  it('is told what a meter counted by class, of which model', async () => {
    const facts = { ...FACTS, meter: 'openai', model: 'large' }
    const lines = [
      { name: 'input', units: 25n, rate: '3' },
      { name: 'route', units: 1n },
    ]
    const made = ledger.charge({ counts: units(3n), facts })
    ledger.amend(made, 'complete', { counts: units(2n), breakdown: { of: 'small', basis: 'measured', lines } })
    await flush(ledger, send)
    expect(told().map(({ data }) => data)).toEqual([
      expect.objectContaining({ requests: '2', input: '25', route: '/api/*', meter: 'openai', model: 'small' }),
    ])
  })

  it('is told of each closed charge once, in one flat event', async () => {
    ledger.grant(1_000_000_000n)
    const made = ledger.charge({ counts: units(3n), price: EUR(250_000_000n), facts: FACTS })
    ledger.charge({ counts: units(1n), facts: FACTS })
    ledger.amend(made, 'broken', { counts: units(2n) })
    expect(await flush(ledger, send)).toHaveLength(3)
    expect(posts).toHaveLength(1)
    expect(posts[0]?.url).toBe('https://meter.test/api/v1/events')
    expect(posts[0]?.init).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/cloudevents-batch+json',
        authorization: 'Bearer om_a_token_for_the_tests',
      },
    })
    expect(told()).toEqual([
      {
        specversion: '1.0',
        id: 'c1/amend',
        source: 'faregate/news',
        type: 'faregate.usage',
        time: '2030-01-15T12:00:00.000Z',
        subject: 'cus_ann',
        datacontenttype: 'application/json',
        data: {
          charge: 'c1',
          paidBy: 'account',
          zone: 'news',
          route: '/api/*',
          method: 'GET',
          requests: '2',
          price: '0.25',
          currency: 'EUR',
        },
      },
    ])
  })

  it('is told of a receipt, which has no account, by its own name', async () => {
    const receipt = { uses: 2 }
    ledger.amend(ledger.charge({ receipt, expires: ledger.now + MINUTE, facts: { zone: 'news', receipt: 'r-7' } }))
    await flush(ledger, send)
    expect(told()).toMatchObject([{ subject: 'r-7', data: { paidBy: 'receipt', uses: '1' } }])
  })

  it('is told nothing of what was given back, and is not even called', async () => {
    ledger.amend(ledger.charge({ counts: units(3n), facts: FACTS }), 'none')
    expect(await flush(ledger, send)).toEqual([1, 2])
    expect(posts).toEqual([])
  })

  it('keeps what an operator gave back, and the log names it', async () => {
    ledger.amend(ledger.charge({ counts: units(3n), facts: FACTS }))
    ledger.apply(orders.reverseCharge, { charge: 'c1' })
    expect(await flush(ledger, send)).toHaveLength(3)
    expect(told()).toMatchObject([{ id: 'c1/amend', data: { requests: '3' } }])
    expect(warn.mock.calls).toEqual([['passed over: cannot be taken back', 'c1/reversed']])
  })

  it('keeps what nobody settled in time, and the log names what came too late', async () => {
    const made = ledger.charge({ counts: units(3n), facts: FACTS })
    ledger.advance(2 * MINUTE)
    await flush(ledger, send)
    ledger.amend(made, 'broken', { counts: units(1n) })
    await flush(ledger, send)
    expect(told()).toMatchObject([{ id: 'c1/unsettled', data: { requests: '3' } }])
    expect(warn.mock.calls).toEqual([['passed over: cannot be taken back', 'c1/amend']])
    expect(ledger.records()).toEqual([])
  })

  it('is told the same again after a failure', async () => {
    recordsOf(ledger, 2)
    answer = () => new Response(null, { status: 429 })
    expect(await flush(ledger, send)).toEqual([1, 3])
    answer = () => new Response(null, { status: 204 })
    expect(await flush(ledger, send)).toEqual([2, 4])
    expect(posts[1]?.content).toEqual(posts[0]?.content)
    expect(warn.mock.calls).toEqual([['status 429']])
  })

  it('does not hold up the others for one event that it refuses', async () => {
    recordsOf(ledger, 5)
    answer = (events) => new Response(null, { status: events.some(({ id }) => id === 'c4/amend') ? 400 : 204 })
    await flush(ledger, send)
    expect(ledger.records()).toEqual([])
    expect(warn.mock.calls).toEqual([['passed over: status 400', 'c4/amend']])
  })
})
