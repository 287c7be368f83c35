import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/anomalies/rules/observation.ts'
import { DAY, habit, HOUR, MINUTE, paid, served, splurge, START, stepsOf, strangers, times, watch } from './lines.ts'

type Case = readonly [what: string, lines: readonly Observation[], steps: readonly string[]]

const spent = (at: number, more: Partial<Observation> = {}): Observation =>
  served(at, {
    decision: 'refuse',
    status: 402,
    reason: 'payment-spent',
    rail: 'receipt',
    token: 'receipt-1',
    account: undefined,
    ...more,
  })

const invalid = (at: number, token: string | undefined, more: Partial<Observation> = {}): Observation =>
  served(at, {
    decision: 'refuse',
    status: 402,
    reason: 'credential-invalid',
    credential: 'refused',
    account: undefined,
    token,
    ...more,
  })

const event = (
  at: number,
  trip: string,
  name: 'payment-declined' | 'payment-succeeded',
  network?: string,
): Observation => ({
  time: new Date((START + at) * 1000).toISOString(),
  id: `event-${at}-${trip}`,
  zone: 'news',
  decision: 'own',
  status: 204,
  trip,
  event: name,
  network,
})

const revoked = (at: number, token = 'jti-1'): Observation =>
  served(at, { decision: 'refuse', status: 402, reason: 'subscription-inactive', token })

const HANDS: readonly Case[] = [
  ['a day with thirteen networks of many systems', [...habit(5), ...strangers(5, 13)], ['ask by hands']],
  ['the same once more on that day', [...habit(5), ...strangers(5, 30)], ['ask by hands']],
  ['eleven networks', [...habit(5), ...strangers(5, 11)], []],
  ['a phone on a train, of one operator', [...habit(5), ...strangers(5, 40, { asn: 3209 })], []],
  ['networks whose system is not known', [...habit(5), ...strangers(5, 13, { asn: undefined })], ['ask by hands']],
  ['jobs in a cloud', [...habit(5), ...strangers(5, 40, { asn: 8075 })], []],
  ['a relay', [...habit(5), ...strangers(5, 40, { asn: 13_335 })], []],
  ['the first days of an account, of which nothing is known', [...habit(2), ...strangers(2, 13)], ['note by hands']],
  ['an account that is always in many hands', times(9).flatMap((day) => strangers(day, 20)), ['note by hands']],
  [
    'two continents at once',
    [...habit(5), served(5 * DAY), served(5 * DAY + MINUTE, { country: 'US', asn: 7922 })],
    ['note by hands'],
  ],
  [
    'two continents by a relay',
    [...habit(5), served(5 * DAY), served(5 * DAY + MINUTE, { country: 'US', asn: 9009 })],
    [],
  ],
  [
    'two continents with a flight between',
    [...habit(5), served(5 * DAY), served(5 * DAY + 9 * HOUR, { country: 'US', asn: 7922 })],
    [],
  ],
  [
    'two continents every day, after the first',
    times(9).flatMap((day) => [served(day * DAY), served(day * DAY + MINUTE, { country: 'US', asn: 7922 })]),
    ['note by hands'],
  ],
  [
    'three continents within an hour',
    [
      ...habit(5),
      served(5 * DAY),
      served(5 * DAY + 20 * MINUTE, { country: 'US', asn: 7922 }),
      served(5 * DAY + 40 * MINUTE, { country: 'IN', asn: 55_836 }),
    ],
    ['ask by hands'],
  ],
  ['the account name of whom an operator held', [...habit(5), ...strangers(5, 13, { decision: 'own' })], []],
]

const PRICES = (from: number, days: number, more: Partial<Observation>, amount: string): Observation[] =>
  times(days).map((day) => paid((from + day) * DAY, amount, more))

const SPEND: readonly Case[] = [
  ['three charges far above the past', [...habit(15), ...splurge(15, 3)], ['ask by spend']],
  ['two of them', [...habit(15), ...splurge(15, 2)], []],
  ['five from where the account is always', [...habit(15), ...splurge(15, 5, { asn: 680 })], []],
  ['six of them', [...habit(15), ...splurge(15, 6, { asn: 680 })], ['ask by spend']],
  ['six of them, with an API key', [...habit(15), ...splurge(15, 6, { asn: 680, rail: 'keys' })], ['note by spend']],
  ['three from elsewhere, with an API key', [...habit(15), ...splurge(15, 3, { rail: 'keys' })], ['slow by spend']],
  [
    'one of them from elsewhere, with an API key',
    [...habit(15), ...splurge(15, 1, { rail: 'keys' }), ...splurge(15, 5, { asn: 680, rail: 'keys' })],
    ['slow by spend'],
  ],
  ['three among more than ten', [...habit(15), ...splurge(15, 2), ...habit(5).slice(0, 9), ...splurge(20, 1)], []],
  ['too short a past', [...habit(7), ...splurge(7, 5)], []],
  ['charges far below', [...habit(15), ...times(5).map((at) => paid(15 * DAY + at, '0.01'))], []],
  [
    'what is bought now and then',
    times(6).flatMap((week) => [...habit(5).map((line) => later(line, week * 7 * DAY)), ...splurge(week * 7 + 5, 1)]),
    [],
  ],
  ['a change of price', [...PRICES(0, 40, {}, '0.25'), ...PRICES(40, 20, {}, '1.00')], []],
  [
    'a route whose amounts differ',
    [...PRICES(0, 40, { route: '/api' }, '0.25'), ...splurge(40, 4, { route: '/api' })],
    ['ask by spend'],
  ],
  ['a resumed charge', [...habit(15), ...splurge(15, 5).map(joined)], []],
  [
    'units, where there is no price',
    [
      ...times(30).map((day) => served(day * DAY, { charged: { units: { requests: '1', tokens: `${400 + day}` } } })),
      ...times(3).map((at) => served(30 * DAY + at, { asn: 7018, charged: { units: { tokens: `${90_000 + at}` } } })),
    ],
    ['ask by spend'],
  ],
  [
    'another currency, which is not compared',
    [
      ...habit(15),
      ...times(9).map((at) => paid(15 * DAY + at, '25', { charged: { price: { amount: '25', currency: 'JPY' } } })),
    ],
    [],
  ],
]

const OTHERS: readonly Case[] = [
  [
    'a receipt spent again from five systems',
    times(5).map((at) => spent(at * MINUTE, { network: `n${at}`, asn: 100 + at })),
    ['hold by reuse'],
  ],
  ['all at once', times(5).map((at) => spent(at, { network: `n${at}`, asn: 100 + at })), ['hold by reuse']],
  [
    'by one client that tries for an hour at home, on the phone, at work and from a server',
    times(60).map((at) => spent(at * MINUTE, { network: `n${at}`, asn: 100 + (at % 4) })),
    [],
  ],
  ['from one phone', times(30).map((at) => spent(at * MINUTE, { network: `n${at}` })), []],
  [
    'from networks whose system is not known',
    times(60).map((at) => spent(at * MINUTE, { network: `n${at}`, asn: undefined })),
    ['note by reuse'],
  ],
  ['over days', times(30).map((at) => spent(at * DAY, { network: `n${at}`, asn: 100 + at })), []],
  [
    'by relays and a client',
    times(30).map((at) =>
      spent(at * MINUTE, { network: `n${at}`, asn: [13_335, 54_113, 9009, 36_183, 3320, 680][at % 6] }),
    ),
    [],
  ],
  ['thirty guesses in a minute', times(30).map((at) => invalid(at, `guess-${at}`)), ['slow by guessing']],
  ['a client that repeats one', times(90).map((at) => invalid(at % 60, 'broken')), []],
  ['thirty in two minutes', times(30).map((at) => invalid(45 + at, `guess-${at}`)), []],
  [
    'credentials that ended',
    times(90).map((at) => invalid(at % 60, `old-${at}`, { reason: 'credential-expired' })),
    [],
  ],
  ['guesses without a hash', times(30).map((at) => invalid(at, undefined)), ['slow by guessing']],
  [
    'eight cards on a trip',
    times(8).map((at) => event(at * MINUTE, 'trip', 'payment-declined')),
    ['note by declines', 'hold by declines'],
  ],
  [
    'a number mistyped three times',
    [
      ...times(3).map((at) => event(at * MINUTE, 'trip', 'payment-declined', 'home')),
      event(4 * MINUTE, 'trip', 'payment-succeeded', 'home'),
    ],
    ['note by declines'],
  ],
  [
    'a card for each of five trips',
    times(5).map((at) => event(at * MINUTE, `trip-${at}`, 'payment-declined', 'n')),
    ['slow by trips'],
  ],
  [
    'the same beside one that is paid, of which the shop tells ten times',
    [
      ...times(10).map((at) => ({ ...event(at, 'paid', 'payment-succeeded', 'n'), eventId: 'one' })),
      ...times(5).map((at) => event(60 + at * 60, `trip-${at}`, 'payment-declined', 'n')),
    ],
    ['slow by trips'],
  ],
  [
    'a launch behind one address',
    times(60).flatMap((at) => [
      event(at * 9, `trip-${at}`, at % 6 === 0 ? 'payment-declined' : 'payment-succeeded', 'nat'),
    ]),
    [],
  ],
  ['a revoked token, eleven times a minute', times(11).map((at) => revoked(at)), ['note by revoked']],
  ['ten times', times(10).map((at) => revoked(at)), []],
  ['by many', times(60).map((at) => revoked(at, `jti-${at}`)), []],
]

const hourly = (days: number, count: (hour: number) => number): Observation[] =>
  times(days * 24).flatMap((hour) => times(count(hour)).map((at) => served(hour * HOUR + at)))

const RATE: readonly Case[] = [
  [
    'hours in a row with ten times as much',
    hourly(12, (hour) => (hour >= 240 && hour < 246 ? 200 : 20)),
    ['note by rate'],
  ],
  ['one such hour', hourly(12, (hour) => (hour === 240 ? 200 : 20)), []],
  ['a job at midnight', hourly(12, (hour) => (hour % 24 < 4 ? 300 : 2)), []],
  ['the first week', hourly(6, (hour) => (hour > 100 ? 300 : 2)), []],
]

function later(line: Observation, seconds: number): Observation {
  return { ...line, time: new Date(Date.parse(line.time) + seconds * 1000).toISOString() }
}

function joined(line: Observation): Observation {
  return { ...line, charged: { ...line.charged, joined: true } }
}

describe.each([
  ['a token in many hands', HANDS],
  ['spend unlike itself', SPEND],
  ['a receipt reused, guessing, card testing, a revoked token', OTHERS],
  ['a rate unlike itself', RATE],
])('%s', (_, cases) => {
  it.each(cases)('%s', (_, lines, steps) => {
    expect(stepsOf(watch(lines))).toEqual(steps)
  })
})
