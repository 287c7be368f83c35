import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Standing } from '../../src/access/entitlement.ts'
import { type Entry, entryOf, join, standingSaid } from '../../src/standing/rules/standing.ts'
import { bestStanding, readStripeEvent, standingOf } from '../../src/stripe/events.ts'
import {
  AT,
  CUSTOMER,
  invoice,
  invoiceEvent,
  subscriptionEvent,
  type SubscriptionType,
  summaryEvent,
} from './objects.ts'

/** What an event says by itself. */
function wordOf(event: unknown): unknown {
  const read = readStripeEvent(event)
  return read.ok ? read.value?.statement : read.error
}

const says = (standing: Standing, at = AT, hasEnded = false) => ({
  kind: 'subscription',
  id: 'sub_1PJVXN',
  at,
  standing,
  hasEnded,
})
const CHANGED = { before: { status: 'incomplete' } } as const

describe('an event of a subscription', () => {
  it.each([
    ['active', 'active', false],
    ['trialing', 'active', false],
    ['past_due', 'past-due', false],
    ['unpaid', 'past-due', false],
    ['canceled', 'inactive', true],
    ['incomplete_expired', 'inactive', true],
    ['paused', 'inactive', false],
    ['something_new', 'inactive', false],
  ] as const)('with the status %s says %s, as of when it was made; ended: %s', (status, standing, hasEnded) => {
    const event = subscriptionEvent('customer.subscription.updated', { status }, CHANGED)
    expect(wordOf(event)).toEqual(says(standing, AT, hasEnded))
  })

  it.each([
    ['customer.subscription.created', 'trialing', 'active'],
    ['customer.subscription.deleted', 'canceled', 'inactive'],
    ['customer.subscription.paused', 'paused', 'inactive'],
    ['customer.subscription.resumed', 'active', 'active'],
  ] as const)('%s is a change by itself', (type, status, standing) => {
    expect(wordOf(subscriptionEvent(type, { status }))).toEqual(says(standing, AT, status === 'canceled'))
  })

  it.each([
    ['customer.subscription.created', { status: 'incomplete' }, {}, 'past-due'],
    ['customer.subscription.updated', { status: 'past_due' }, { before: { metadata: {} } }, 'past-due'],
    ['customer.subscription.updated', { status: 'active' }, {}, 'active'],
    ['customer.subscription.pending_update_applied', { status: 'active' }, {}, 'active'],
    ['customer.subscription.pending_update_expired', { status: 'past_due' }, {}, 'past-due'],
  ] as const)('%s %j that begins unpaid or changes no status yields to its second', (type, object, over, standing) => {
    expect(wordOf(subscriptionEvent(type, object, over))).toEqual(says(standing, AT - 1))
  })

  it('is nothing to us where a trial is about to end, or the account is one connected to ours', () => {
    expect(wordOf(subscriptionEvent('customer.subscription.trial_will_end', { status: 'trialing' }))).toBeUndefined()
    expect(wordOf(subscriptionEvent('customer.subscription.deleted', {}, { account: 'acct_1' }))).toBeUndefined()
  })

  it('may hold the customer whole', () => {
    const customer = { id: 'cus_9', object: 'customer', metadata: { account: 'account-9' } }
    const event = subscriptionEvent('customer.subscription.deleted', {})
    const read = readStripeEvent({ ...event, data: { object: { ...event.data.object, customer } } })
    expect(read.ok && read.value).toMatchObject({ customer: 'cus_9' })
    expect(read.ok && read.value?.metadata.map((fields) => fields.get('account'))).toContain('account-9')
  })
})

describe('an event of an invoice', () => {
  it.each([
    ['invoice.paid', 'active'],
    ['invoice.payment_failed', 'past-due'],
    ['invoice.payment_action_required', 'past-due'],
  ] as const)('%s says %s', (type, standing) => {
    expect(wordOf(invoiceEvent(type))).toEqual(says(standing))
  })

  it('yields where the first payment of a subscription fails', () => {
    const first = invoiceEvent('invoice.payment_action_required', { billing_reason: 'subscription_create' })
    expect(wordOf(first)).toEqual(says('past-due', AT - 1))
  })

  it('is nothing to us without a subscription or a customer, and by any other type', () => {
    expect(wordOf(invoiceEvent('invoice.paid', { parent: null, billing_reason: 'manual' }))).toBeUndefined()
    expect(wordOf(invoiceEvent('invoice.payment_failed', { customer: null }))).toBeUndefined()
    expect(wordOf(invoiceEvent('invoice.finalized'))).toBeUndefined()
  })

  it('names its subscription where older versions of the API do', () => {
    const { parent: _parent, ...older } = invoice()
    const object = { ...older, subscription: 'sub_1', subscription_details: { metadata: { account: 'account-7' } } }
    const read = readStripeEvent({ ...invoiceEvent('invoice.paid'), data: { object } })
    expect(read.ok && read.value?.statement).toEqual({ ...says('active'), id: 'sub_1' })
    expect(read.ok && read.value?.metadata.map((fields) => fields.get('account'))).toContain('account-7')
  })
})

describe('a summary of entitlements', () => {
  it('names what the customer has now', () => {
    expect(wordOf(summaryEvent(['premium', 'api']))).toEqual({
      kind: 'entitlements',
      at: AT,
      names: ['premium', 'api'],
    })
    expect(wordOf(summaryEvent([]))).toEqual({ kind: 'entitlements', at: AT, names: [] })
  })

  it('says nothing by itself where it is not whole', () => {
    const read = readStripeEvent(summaryEvent(['premium'], true))
    expect(read).toMatchObject({ ok: true, value: { customer: CUSTOMER, about: 'entitlements', statement: undefined } })
  })
})

describe('what is not an event', () => {
  const good = subscriptionEvent('customer.subscription.updated', {})
  it.each([
    ['nothing', undefined],
    ['a list', [good]],
    ['one of no form', { ...good, object: undefined }],
    ['one of no type', { ...good, type: '' }],
    ['a subscription without an id', { ...good, data: { object: { ...good.data.object, id: undefined } } }],
    ['one without an id', { ...good, id: undefined }],
    ['one without a time', { ...good, created: '1790000000' }],
    ['one of half a second', { ...good, created: 0.5 }],
    ['one without an object', { ...good, data: {} }],
    ['a subscription without a status', { ...good, data: { object: { ...good.data.object, status: 1 } } }],
    ['a summary without a list', { ...summaryEvent([]), data: { object: { customer: CUSTOMER } } }],
    ['an entitlement without a name', summaryEvent(['premium', ''])],
  ])('%s is malformed', (_what, value) => {
    expect(wordOf(value)).toBe('malformed')
  })

  it('never throws, whatever is in it', () => {
    const members = fc.constantFrom('status', 'customer', 'metadata', 'parent', 'entitlements', 'subscription')
    const types = ['customer.subscription.updated', 'invoice.paid', 'entitlements.active_entitlement_summary.updated']
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(members, fc.jsonValue()), (type, object) => {
        const read = readStripeEvent({ ...good, type, data: { object: { customer: CUSTOMER, ...object } } })
        expect(read.ok || read.error === 'malformed').toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readStripeEvent(value)
        return !read.ok || read.value === undefined
      }),
    )
  })
})

describe('of several subscriptions', () => {
  it.each([
    [['inactive', 'active', 'past-due'], 'active'],
    [['inactive', 'past-due'], 'past-due'],
    [['inactive'], 'inactive'],
    [[], 'inactive'],
  ] as const)('%j, the best counts: %s', (standings, best) => {
    expect(bestStanding(standings)).toBe(best)
  })
})

/** The life of one subscription as Stripe tells it: each event with the status that it left. */
interface Step {
  readonly status: string
  readonly event: unknown
}

const NEXT: Record<string, readonly string[]> = {
  incomplete: ['active', 'incomplete_expired'],
  trialing: ['active', 'past_due', 'paused', 'canceled'],
  active: ['past_due', 'canceled', 'paused'],
  past_due: ['active', 'unpaid', 'canceled'],
  unpaid: ['active', 'canceled'],
  paused: ['active', 'canceled'],
}

/** A recovery comes at least a second after the failure: they are a person apart. What repeats a status may come any time. */
const life = fc
  .tuple(fc.constantFrom('incomplete', 'trialing', 'active'), fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.boolean())))
  .map(([first, choices]): Step[] => {
    let status: string = first
    let created = AT
    let changed = AT
    const say = (type: SubscriptionType, before?: string): Step => {
      const previous = before === undefined ? {} : { before: { status: before } }
      return { status, event: subscriptionEvent(type, { status }, { created, ...previous }) }
    }
    const steps = [say('customer.subscription.created')]
    for (const [choice, seconds, isChange] of choices) {
      const next = NEXT[status]
      if (next === undefined) break
      const before = status
      if (isChange) status = next[choice % next.length] ?? status
      const isRecovery = standingOf(status) === 'active' && before !== 'incomplete' && isChange
      created = isRecovery ? Math.max(changed + 1, created + seconds) : created + seconds
      if (isChange) changed = created
      const type = status === 'canceled' ? 'customer.subscription.deleted' : 'customer.subscription.updated'
      steps.push(say(type, isChange ? before : undefined))
    }
    return steps
  })

function entryAfter(steps: readonly Step[]): Entry {
  return steps.reduce<Entry>((entry, { event }) => {
    const read = readStripeEvent(event)
    return read.ok && read.value?.statement !== undefined ? join(entry, entryOf(read.value.statement)) : entry
  }, {})
}

describe('the events of one subscription', () => {
  it('end in its last status, in whatever order and however often they come', () => {
    const orders = life.chain((steps) =>
      fc.tuple(fc.constant(steps), fc.shuffledSubarray([...steps, ...steps], { minLength: 2 * steps.length })),
    )
    fc.assert(
      fc.property(orders, ([steps, mixed]) => {
        expect(entryAfter(mixed)).toEqual(entryAfter(steps))
        expect(standingSaid(entryAfter(mixed))?.standing).toBe(standingOf(steps.at(-1)?.status ?? ''))
      }),
      { numRuns: 500 },
    )
  })

  it('made and paid within one second do not leave the buyer outside', () => {
    const made = { status: '', event: subscriptionEvent('customer.subscription.created', { status: 'incomplete' }) }
    const paid = {
      status: '',
      event: subscriptionEvent('customer.subscription.updated', { status: 'active' }, CHANGED),
    }
    const bill = { status: '', event: invoiceEvent('invoice.paid', { billing_reason: 'subscription_create' }) }
    for (const order of [
      [made, paid, bill],
      [paid, bill, made],
      [bill, made, paid],
    ]) {
      expect(standingSaid(entryAfter(order))).toEqual({ at: AT, standing: 'active' })
    }
  })
})
