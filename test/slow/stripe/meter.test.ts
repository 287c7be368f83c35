import * as fc from 'fast-check'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { unitsOf } from '../../../src/ledger/rules/amount.ts'
import type { ChargeOutcome, Delivery } from '../../../src/ledger/rules/commands.ts'
import { stripeMeter } from '../../../src/stripe/meter.ts'
import { PureLedger, MINUTE, units } from '../../ledger/rules/pureledger.ts'
import { sending } from '../../usage/contract.ts'
import { FACTS, flush, recordsOf } from '../../usage/records.ts'
import { CUSTOMER, type Fault, KEY, Meters } from './meters.ts'

const billing = new Meters()
let url: string
let ledger: PureLedger
let warned: string[]

beforeAll(async () => {
  url = await billing.listen()
})
beforeEach(start)
afterAll(() => billing.close())

function start(): void {
  ledger = new PureLedger()
  warned = []
  billing.reset(ledger.now)
}

function sink(meters: Record<string, string> = { requests: 'api_requests', tokens: 'llm_tokens' }) {
  const warn = (problem: string, record?: string): void => void warned.push(`${record}: ${problem}`)
  return sending(stripeMeter({ url, key: 'KEY', meters }), { KEY }, () => ledger.now, warn)
}

/** What happens to an account and on the way to billing. */
type Step =
  | { readonly kind: 'charge'; readonly requests: bigint; readonly tokens: bigint }
  | { readonly kind: 'amend'; readonly which: number; readonly used: bigint; readonly delivery: Delivery }
  | { readonly kind: 'pass' }
  | { readonly kind: 'flush'; readonly faults: readonly Fault[] }

const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 429, 500, 'unheard', 'answer lost'), { maxLength: 6 })
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('charge'), requests: fc.bigInt(0n, 9n), tokens: fc.bigInt(0n, 5000n) }),
  fc.record({
    kind: fc.constant('amend'),
    which: fc.nat(5),
    used: fc.bigInt(0n, 12n),
    delivery: fc.constantFrom<Delivery>('complete', 'broken', 'none'),
  }),
  fc.record({ kind: fc.constant('pass') }),
  fc.record({ kind: fc.constant('flush'), faults }),
)

async function run(all: readonly Step[]): Promise<void> {
  const send = sink()
  const made: ChargeOutcome[] = []
  for (const step of all) {
    const { kind } = step
    if (kind === 'charge') {
      made.push(ledger.charge({ counts: [...units(step.requests), ...units(step.tokens, 'tokens')], facts: FACTS }))
    } else if (kind === 'amend') {
      const charge = made.at(-1 - step.which)
      if (charge !== undefined) ledger.amend(charge, step.delivery, { counts: units(step.used) })
    } else if (kind === 'pass') {
      ledger.advance(3 * MINUTE)
      billing.now = ledger.now
    } else {
      billing.faults.push(...step.faults)
      await flush(ledger, send)
    }
  }
  ledger.advance(3 * MINUTE)
  billing.faults.length = 0
  while (ledger.records().length > 0) await flush(ledger, send)
}

describe('Stripe, where events are lost, refused for now and repeated', () => {
  it('adds up to what the ledger kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 20 }), async (all) => {
        start()
        await run(all)
        const { counts } = ledger.read().totals
        const kept = [unitsOf(counts, 'requests'), unitsOf(counts, 'tokens')]
        expect([billing.sum('api_requests'), billing.sum('llm_tokens')]).toEqual(kept)
      }),
      { numRuns: 60 },
    )
  })

  it('is sent what its own library sends', async () => {
    recordsOf(ledger, 1)
    await flush(ledger, sink())
    const { hostname, port } = new URL(url)
    const stripe = new Stripe(KEY, { protocol: 'http', host: hostname, port, telemetry: false })
    const event = {
      event_name: 'api_requests',
      identifier: 'c9/amend/requests',
      timestamp: ledger.now / 1000,
      payload: { stripe_customer_id: CUSTOMER, value: '3' },
    }
    await stripe.billing.meterEvents.create(event)
    const [ours, theirs] = billing.heard
    expect({ ...ours, form: { ...ours?.form, identifier: event.identifier } }).toEqual(theirs)
    expect(billing.sum('api_requests')).toBe(6n)
  })

  it('refuses a meter that it does not have, and nothing is lost when it has it', async () => {
    recordsOf(ledger, 2)
    await flush(ledger, sink({ requests: 'misspelt' }))
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/amend', 'c2/amend'])
    expect(warned).toEqual(['c1/amend: status 400 resource_missing'])
    await flush(ledger, sink())
    expect(billing.sum('api_requests')).toBe(6n)
  })

  it('does not take what is older than it allows, which the log names', async () => {
    recordsOf(ledger, 1)
    ledger.now += 36 * 24 * 60 * MINUTE
    billing.now = ledger.now
    await flush(ledger, sink())
    expect([ledger.records(), warned]).toEqual([[], ['c1/amend: passed over: status 400 timestamp_invalid']])
  })
})
