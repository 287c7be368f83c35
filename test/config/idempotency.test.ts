import { describe, expect, it } from 'vitest'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const route = (change: object) => ({ routes: [{ path: '/orders/*', requires: 'api', ...change }] })

describe('the answers of a route', () => {
  it.each([
    [{}, undefined],
    [{ idempotency: { keep: true } }, undefined],
    [{ idempotency: { keep: false } }, false],
  ])('%j are kept unless it says otherwise', (change, keepsAnswers) => {
    const [entry] = zoneOf(route(change)).routes.entries
    const terms = entry?.route.terms
    expect(terms?.kind === 'paid' ? terms.keepsAnswers : 'not paid').toBe(keepsAnswers)
  })

  it.each([
    ['without a choice', { idempotency: {} }, '.idempotency.keep'],
    ['that is none', { idempotency: { keep: 'no' } }, '.idempotency.keep'],
    ['of a free route', { idempotency: { keep: false }, free: true, requires: undefined }, ''],
  ])('%s are a fault', (_what, change, path) => {
    expect(zoneFaults(route(change)).map((fault) => fault.path)).toEqual([`zones[0].routes[0]${path}`])
  })
})
