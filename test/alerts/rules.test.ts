import { describe, expect, it } from 'vitest'
import { ALERT_NAMES, DEFAULT_THRESHOLDS, type AlertFinding, findingOf } from '../../src/alerts/rules/alert.ts'
import { findInConditions, findInSums } from '../../src/alerts/rules/findings.ts'
import { messageOf } from '../../src/alerts/rules/message.ts'
import { afterTelling, withMessages } from '../../src/alerts/rules/outbox.ts'
import { type AlertState, nextStates } from '../../src/alerts/rules/states.ts'
import { LASTS_MS, noteConditions } from '../../src/tallies/rules/conditions.ts'
import { kindWith, Tally, type TalliedRequest } from '../../src/tallies/rules/tally.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-11-29T09:00:00Z')

const REQUEST: TalliedRequest = {
  route: '/articles/*',
  decision: 'serve',
  status: 200,
  reason: undefined,
  cache: 'fwd=miss; stored',
  rail: 'bearer',
  credential: 'verified',
  exempt: undefined,
  model: undefined,
  observed: undefined,
  account: undefined,
  bytes: undefined,
  originMs: 1,
  totalMs: 2,
}

function tallyOf(...requests: readonly (readonly [number, Partial<TalliedRequest>])[]): Tally {
  const tally = new Tally()
  for (const [count, request] of requests)
    for (let each = 0; each < count; each++) tally.record({ ...REQUEST, ...request })
  return tally
}

function hurtOf(accounts: number): Tally {
  const tally = new Tally()
  for (let each = 0; each < accounts; each++)
    tally.record({ ...REQUEST, decision: 'refuse', status: 402, account: `hash-${each}` })
  return tally
}

function moneyOf(unsettled: number, undelivered: number): Tally {
  const tally = new Tally()
  const cell = tally.moneyOf(kindWith(['/reports/*', '', '', 'account']))
  cell.unsettled = unsettled
  cell.undelivered = undelivered
  return tally
}

const refused = (reason: string, more: Partial<TalliedRequest> = {}): Partial<TalliedRequest> => ({
  decision: 'refuse',
  status: 503,
  reason,
  ...more,
})
const LLM = { route: '/llm/*' }
const NONE = new Tally()

describe('ten minutes beside those of last week', () => {
  it.each<[string, Tally, Tally, readonly string[]]>([
    ['nothing', NONE, NONE, []],
    ['four customers refused', hurtOf(4), NONE, []],
    ['five customers refused', hurtOf(5), NONE, ['customers-refused 5/5']],
    ['five, where two are usual', hurtOf(5), hurtOf(2), []],
    ['six, where two are usual', hurtOf(6), hurtOf(2), ['customers-refused 6/6']],
    ['sixty refusals of one customer', tallyOf([60, { decision: 'refuse', status: 402, account: 'one' }]), NONE, []],
    ['sixty refusals of nobody', tallyOf([60, { decision: 'refuse', status: 402, credential: undefined }]), NONE, []],
    ['charges without an end', moneyOf(5, 0), NONE, ['charges-unsettled 5/5']],
    ['as many as ever', moneyOf(5, 0), moneyOf(4, 0), []],
    ['payments without an answer', moneyOf(0, 3), NONE, ['payments-undelivered 3/3']],
    [
      'an origin that is down',
      tallyOf([12, refused('origin-unreachable')]),
      NONE,
      ['origin-failing /articles/* 12/10'],
    ],
    ['one that is late', tallyOf([12, refused('origin-timeout')]), NONE, ['origin-failing /articles/* 12/10']],
    ['one that answers 500', tallyOf([12, { status: 500 }]), NONE, ['origin-failing /articles/* 12/10']],
    ['a few failures', tallyOf([9, refused('origin-unreachable')]), NONE, []],
    ['few among many', tallyOf([12, { status: 500 }], [988, {}]), NONE, []],
    ['many among more', tallyOf([50, { status: 500 }], [950, {}]), NONE, ['origin-failing /articles/* 50/50']],
    [
      'failures among copies',
      tallyOf([12, { status: 500 }], [988, { cache: 'hit' }]),
      NONE,
      ['origin-failing /articles/* 12/10'],
    ],
    ['an origin that is asked for what it has not', tallyOf([50, { status: 404 }]), NONE, []],
    ['a gate that is full', tallyOf([50, refused('overloaded')]), NONE, []],
    [
      'a provider that is down',
      tallyOf([6, refused('origin-unreachable', LLM)]),
      NONE,
      ['provider-failing /llm/* 6/5'],
    ],
    ['one that is busy', tallyOf([6, refused('overloaded', LLM)]), NONE, ['provider-failing /llm/* 6/5']],
    ['one that refuses the key', tallyOf([6, refused('misconfigured', LLM)]), NONE, ['provider-failing /llm/* 6/5']],
    ['a prompt that is no good', tallyOf([50, { ...LLM, status: 400 }]), NONE, []],
    [
      'a facilitator that is down',
      tallyOf([3, refused('payments-unavailable', { rail: 'x402' })]),
      NONE,
      ['payments-failing x402 3/3'],
    ],
    [
      'payments whose end is not known',
      tallyOf([4, refused('settlement-unknown', { rail: 'mpp' })], [40, { rail: 'mpp' }]),
      NONE,
      [],
    ],
    ['the gate itself', tallyOf([50, { decision: 'own', status: 503 }]), NONE, []],
  ])('%s', (_, now, lastWeek, expected) => {
    const found = findInSums({ now, lastWeek }, DEFAULT_THRESHOLDS, (route) => route === '/llm/*')
    expect(
      found.map(({ alert, of, observed, threshold }) => `${alert}${of && ` ${of}`} ${observed}/${threshold}`),
    ).toEqual(expected)
  })

  it('has no alert that is switched off', () => {
    const { 'customers-refused': _off, ...others } = DEFAULT_THRESHOLDS
    expect(findInSums({ now: hurtOf(50), lastWeek: NONE }, others, () => false)).toEqual([])
    expect(findingOf({ alert: 'customers-refused', observed: 50 }, {})).toEqual([])
  })
})

describe('a condition', () => {
  const keys = { name: 'keys-stale', of: 'https://i.test' } as const

  it('lasts as long as it is noted, from when it was first', () => {
    const first = noteConditions([], [keys], NOW)
    const again = noteConditions(first, [keys], NOW + 2 * MINUTE)
    expect(again).toEqual([{ ...keys, first: NOW, last: NOW + 2 * MINUTE }])
    const found = (now: number): number => findInConditions(again, DEFAULT_THRESHOLDS, now).length
    expect([found(NOW + 4 * MINUTE), found(NOW + 2 * MINUTE + LASTS_MS['keys-stale'])]).toEqual([1, 0])
    expect(noteConditions(again, [], NOW + 10 * MINUTE)).toEqual([])
  })

  it('of a sink is an alert once its oldest charge has waited for long', () => {
    const of = (seconds: number) => noteConditions([], [{ name: 'sink-failing', of: 'signed b.test', seconds }], NOW)
    const found = (seconds: number) => findInConditions(of(seconds), DEFAULT_THRESHOLDS, NOW + MINUTE)
    expect([found(299), found(300).map(({ observed }) => observed)]).toEqual([[], [300]])
  })

  it('is bounded in number and in name, and of a known kind', () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ name: 'keys-stale', of: `${at}`.repeat(300) }) as const)
    const known = noteConditions([], many, NOW)
    expect(known).toHaveLength(100)
    expect(Math.max(...known.map(({ of }) => of.length))).toBe(200)
    expect(noteConditions([], JSON.parse('[{"name":"constructor","of":""},{"name":"other","of":""}]'), NOW)).toEqual([])
  })
})

describe('an alert', () => {
  const refused: AlertFinding = { alert: 'customers-refused', of: '', observed: 9, usual: 1, threshold: 5 }
  const terms = { forMs: 2 * MINUTE, clearMs: 5 * MINUTE }

  /** Looks once a minute: `!` is beyond the threshold, `.` is within, `?` is not known. Gives what changed, by the minute. */
  function looked(minutes: string): string[] {
    let states: readonly AlertState[] = []
    return Array.from(minutes).flatMap((look, minute) => {
      const found = look === '!' ? [refused] : []
      const next = nextStates(states, found, terms, NOW + minute * MINUTE, () => look === '?')
      states = next.states
      return next.changes.map(({ state, since }) => `${minute} ${state} since ${(since - NOW) / MINUTE}`)
    })
  }

  it.each([
    ['..........', []],
    ['!.!.!.!.!.', []],
    ['!!.!!.!!.!', []],
    ['!!!', ['2 firing since 0']],
    ['.!!!!!!!!!', ['3 firing since 1']],
    ['!!!......', ['2 firing since 0', '8 resolved since 0']],
    ['!!!....!....!.....', ['2 firing since 0']],
    ['!!!.......!!!', ['2 firing since 0', '8 resolved since 0', '12 firing since 10']],
    ['!?!', ['2 firing since 0']],
    ['!!!?????????', ['2 firing since 0']],
    ['!!!???......', ['2 firing since 0', '11 resolved since 0']],
  ])('that is looked at as %s', (minutes, changes) => {
    expect(looked(minutes)).toEqual(changes)
  })

  it('is one for each name that it is about', () => {
    const keys = (of: string): AlertFinding => ({ alert: 'keys-stale', of, observed: 1, threshold: 1 })
    const { states } = nextStates([], [keys('one'), keys('two')], terms, NOW)
    const { changes } = nextStates(states, [keys('one')], terms, NOW + 2 * MINUTE)
    expect(changes).toMatchObject([{ alert: 'keys-stale', of: 'one', state: 'firing' }])
  })

  it('is one of a hundred at most', () => {
    const many = Array.from(
      { length: 500 },
      (_, at): AlertFinding => ({ alert: 'keys-stale', of: `${at}`, observed: 1, threshold: 1 }),
    )
    expect(nextStates([], many, terms, NOW).states).toHaveLength(100)
  })

  it.each(ALERT_NAMES)('says in a sentence what it is about: %s', (alert) => {
    const change = { alert, of: 'NAME', observed: 12, usual: 1, outOf: 40, threshold: 5, since: NOW, at: NOW } as const
    const facts = { zone: 'news', id: 'n', link: 'https://a.test/x', instant: (ms: number) => `at ${ms}` }
    const firing = messageOf({ ...change, state: 'firing' }, facts)
    const resolved = messageOf({ ...change, state: 'resolved' }, facts)
    expect(firing).toMatchObject({
      alert,
      zone: 'news',
      state: 'firing',
      observed: 12,
      usual: 1,
      threshold: 5,
      since: `at ${NOW}`,
    })
    expect(firing.text).toMatch(/^news: [^\n]*\. https:\/\/a\.test\/x$/)
    expect(resolved.text).toMatch(/^news: over\. It was: /)
    expect(`${firing.text}${resolved.text}`).not.toMatch(/undefined|null|NaN/)
    expect(firing.id).not.toBe(resolved.id)
  })
})

describe('what a receiver has not taken', () => {
  const change = {
    alert: 'keys-stale',
    of: 'i',
    observed: 1,
    threshold: 1,
    since: NOW,
    at: NOW,
    state: 'firing',
  } as const
  const messages = Array.from({ length: 150 }, (_, at) =>
    messageOf({ ...change, of: `${at}` }, { zone: 'z', id: 'z', link: '', instant: String }),
  )
  const ids = (waiting: { readonly messages: readonly { readonly of: string }[] } | undefined) =>
    waiting?.messages.map(({ of }) => Number(of))

  it('waits in order, a hundred at most, for receivers that there are', () => {
    const [one] = withMessages([], messages.slice(0, 80), ['one'])
    const both = withMessages(one === undefined ? [] : [one], messages.slice(80), ['two', 'one'])
    expect(both.map(ids)).toEqual([
      messages.slice(80).map((_, at) => at + 80),
      messages.slice(50).map((_, at) => at + 50),
    ])
    expect(withMessages(both, [], ['two']).map(({ receiver }) => receiver)).toEqual(['two'])
  })

  it('is tried again later each time, until the receiver takes one', () => {
    let [waiting] = withMessages([], messages.slice(0, 3), ['one'])
    if (waiting === undefined) throw new Error('nothing waits')
    const pauses = Array.from({ length: 7 }, () => {
      waiting = waiting && afterTelling(waiting, 0, true, NOW)
      return ((waiting?.until ?? 0) - NOW) / 1000
    })
    expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600])
    const some = afterTelling(waiting, 2, true, NOW)
    expect([ids(some), some.failures, some.until - NOW]).toEqual([[2], 1, 30_000])
    expect(afterTelling(some, 1, false, NOW)).toEqual({ receiver: 'one', failures: 0, until: 0, messages: [] })
  })
})
