import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/anomalies/rules/observation.ts'
import { WatchBatch } from '../../src/anomalies/rules/watchbatch.ts'
import { paid, served, times } from './lines.ts'

const invented = (index: number, more: Partial<Observation> = {}): Observation =>
  served(index, {
    decision: 'refuse',
    reason: 'credential-invalid',
    status: 402,
    credential: 'refused',
    account: undefined,
    token: `token-${index}`,
    ...more,
  })

const batchOf = (observations: readonly Observation[]): WatchBatch => {
  const batch = new WatchBatch()
  for (const observation of observations) batch.add('news', observation)
  return batch
}

const taken = (batch: WatchBatch) => batch.take().get('news') ?? { seen: [], dropped: 0 }

describe('what an isolate has seen', () => {
  it('has requests that differ in nothing once, with how many they were', () => {
    const { seen } = taken(batchOf(times(7).map((second) => served(second))))
    expect(seen.map(({ observation: { times: count }, suspects }) => [count, suspects])).toEqual([[7, ['account']]])
  })

  it.each<[string, Partial<Observation>]>([
    ['network', { network: 'work' }],
    ['country', { country: 'FR' }],
    ['system', { asn: 64_500 }],
    ['token', { token: 'another' }],
    ['account', { account: 'another' }],
    ['reason', { decision: 'refuse', reason: 'entitlement-insufficient' }],
    ['sign-in', { issued: 1 }],
    ['plan', { plan: 'gold' }],
  ])('tells two apart by their %s', (_, more) => {
    expect(taken(batchOf([served(0), served(1, more)])).seen).toHaveLength(2)
  })

  it('has every charge', () => {
    expect(taken(batchOf([paid(0, '0.25'), paid(1, '0.25'), paid(2, '0.25')])).seen).toHaveLength(3)
  })

  it('has nothing that concerns no signal', () => {
    const anonymous = served(0, { credential: undefined, account: undefined })
    const batch = batchOf([
      anonymous,
      served(1, { decision: 'own' }),
      served(2, { decision: 'prefetch', network: undefined, country: undefined }),
    ])
    expect([batch.isEmpty, taken(batch).seen]).toEqual([true, []])
  })

  it('says nothing of an account or token that a credential names which is not genuine', () => {
    const { seen } = taken(batchOf([invented(0, { account: 'ann', token: 'token-of-ann' })]))
    expect(seen.map(({ suspects }) => suspects)).toEqual([['network']])
    expect(taken(batchOf([invented(0, { account: 'ann', reason: 'payment-spent', network: undefined })])).seen).toEqual(
      [],
    )
  })

  it('drops the oldest beyond 2,000, and counts it', () => {
    const { seen, dropped } = taken(batchOf(times(2100).map((index) => served(0, { account: `account-${index}` }))))
    expect([seen.length, dropped, seen[0]?.observation.account]).toEqual([2000, 100, 'account-100'])
  })

  it('keeps what was seen of accounts, however many credentials somebody invents', () => {
    const { seen, dropped } = taken(batchOf([served(0), ...times(5000).map((index) => invented(index))]))
    expect([seen.length, dropped, seen[0]?.observation.account]).toEqual([501, 4500, 'reader'])
  })

  it.each([
    ['a network', () => 'home', 2],
    ['a thousand networks', (index: number) => `network-${index % 1000}`, 501],
  ])('keeps what was seen of accounts, however many trips begin in %s', (_, networkOf, kept) => {
    const begun = (index: number): Observation => ({
      ...served(0, { decision: 'own', credential: undefined, account: undefined, network: networkOf(index) }),
      event: 'trip-begun',
      trip: `trip-${index}`,
    })
    const batch = batchOf([served(0), ...times(5000).map(begun)])
    const { seen } = taken(batch)
    expect([seen.length, seen[0]?.observation.account]).toEqual([kept, 'reader'])
  })

  it('begins anew once it is taken', () => {
    const batch = batchOf([served(0)])
    batch.take()
    expect([batch.isEmpty, batch.take().size]).toEqual([true, 0])
  })
})
