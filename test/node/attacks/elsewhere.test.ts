import { describe, expect, it } from 'vitest'
import { DEFAULT_METERING } from '../../../src/core/limit.ts'
import { type Admission, leadsElsewhere, namesNothing } from '../../../src/core/elsewhere.ts'
import type { Terms } from '../../../src/core/offer.ts'
import { AS_RECEIVED, buildTable, type Route } from '../../../src/core/route.ts'
import { secretReadings } from './readers.ts'
import { hostileTargets } from './targets.ts'

const offer = { entitlements: ['premium'], price: undefined, onSale: true, title: undefined, description: undefined }

function route(path: string, kind: 'free' | 'paid'): Route {
  const paid: Terms = {
    kind: 'paid',
    offer: { ...offer, resource: path },
    metering: DEFAULT_METERING,
    observedUntilMs: undefined,
  }
  const limits = { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 }
  return { path, methods: undefined, terms: kind === 'free' ? { kind } : paid, cache: AS_RECEIVED, limits }
}

const table = buildTable(
  [route('/articles/*', 'paid'), route('/members', 'paid'), route('/free/*', 'free')],
  route('/*', 'free'),
)
const admission: Admission = {
  table,
  method: 'GET',
  hosts: ['localhost', 'www.example.com'],
  isOpen: ({ terms }) => terms.kind === 'free',
}

describe('a field whose value is a hostile spelling of a paid page', () => {
  const targets = hostileTargets().filter((target) => secretReadings(target).length > 0)

  it.each([
    ['as it is', (target: string) => target],
    [
      'as a URL of the site',
      (target: string) => (target.startsWith('/') ? `https://www.example.com${target}` : target),
    ],
    ['without its first slash', (target: string) => target.replace(/^\/(?=[a-z])/i, '')],
    ['with a query', (target: string) => `${target}?a=1`],
    ['as a member', (target: string) => `uri=${target}`],
    ['quoted', (target: string) => `"${target}"`],
    ['of a list', (target: string) => `/free/a, ${target}`],
  ])('does not pass %s', (_how, valueOf) => {
    const passed = targets.filter(
      (target) => namesNothing(valueOf(target), table) || !leadsElsewhere(valueOf(target), admission),
    )
    expect(passed.slice(0, 20)).toEqual([])
    expect(targets.length).toBeGreaterThan(4800)
  })
})
