import { expect, it, vi } from 'vitest'
import { carryOutAll } from '../../src/anomalies/acting.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { cardTestingSignals } from '../../src/anomalies/rules/cardtesting.ts'
import { Subjects } from '../../src/anomalies/subjects.ts'
import { zoneTalliesOf } from '../../src/tallies/zones.ts'
import type { AnomalyStores } from '../../src/zonestores.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { entitlementOf } from '../support/proofs.ts'

/** An object of a version that only observed takes every command but a post for a request to read. */
const earlier = (() => async () => ({ ok: true, value: { findings: [], dropped: 0 } })) as unknown as AnomalyStores

it('an object of an earlier version has nobody held or asked', async () => {
  const zone = zoneTalliesOf(siteAt(compiled({ zones: [ZONE] }), new URL(ZONE.audience).hostname).zone)
  const subjects = new Subjects()
  subjects.remember(zone.id, { ...entitlementOf(0), accountHash: 'hash' }, undefined)
  const ledgers = vi.fn()
  const finding: Finding = {
    step: 'hold',
    suspect: 'account',
    key: 'hash',
    evidence: [],
    for: [],
    time: 1000,
    until: 4600,
    reference: 'r',
    isActed: true,
  }
  const onSpent = vi.fn()
  const targets = { ledgers: ledgers as never, bulletins: undefined }
  await carryOutAll([finding], zone, { stores: earlier, targets, subjects, perDay: 5, onSpent })
  expect([ledgers.mock.calls, onSpent.mock.calls]).toEqual([[], []])
})

it('declined cards that an earlier version counted count on, though it did not note their events', () => {
  const [declines] = cardTestingSignals
  const state = { times: [990, 991, 992, 993, 994, 995, 996], requests: [], noted: 990 }
  const declined = (eventId: string) =>
    declines.observe(state, { time: '', trip: 't', event: 'payment-declined', eventId }, 1000)
  expect(declined('one')?.observed).toEqual({ declines: 8 })
  expect(declined('one')).toBeUndefined()
})
