import { expect, it } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { describeRefusal } from '../../src/refusals/describe.ts'

it.each([-1, 1e12, 1e15, 1e300, Number.MAX_SAFE_INTEGER, 0.5])(
  'A time that no calendar has is left out of a refusal, and is no bug: %d',
  (seconds) => {
    const facts = { until: seconds, from: seconds, limit: { name: 'calls', quota: 1n, resetsAt: seconds } }
    const why = refusal('credential-expired', 'Over.', { facts })
    const view = describeRefusal(why, { id: '1', returnTo: '', origin: '' }, undefined, undefined)
    expect(view.facts).toEqual({ limit: { name: 'calls', quota: '1' } })
  },
)
