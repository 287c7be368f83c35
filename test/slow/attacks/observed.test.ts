import { describe, expect, it } from 'vitest'
import { DEFAULT_METERING } from '../../../src/access/limit.ts'
import { observedUntil } from '../../../src/access/observation.ts'
import type { Terms } from '../../../src/access/offer.ts'
import { AS_RECEIVED, buildTable, match, type Route } from '../../../src/access/route.ts'
import { readTarget } from '../../../src/http/rules/target.ts'
import { hostileTargets } from './targets.ts'

const limits = { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 }

function route(path: string, terms: Terms): Route {
  return { path, methods: undefined, terms, cache: AS_RECEIVED, limits }
}

function paid(resource: string, observedUntilMs?: number): Terms {
  const offer = { entitlements: ['premium'], price: undefined, onSale: true, title: undefined, description: undefined }
  return { kind: 'paid', offer: { ...offer, resource }, metering: DEFAULT_METERING, observedUntilMs }
}

const sold = ['/articles/*', '/members'].map((path) => route(path, paid(path)))

/** The same site twice: beside what is sold, all else is free, or is only watched. */
const beside = (terms: Terms) => buildTable([...sold, route('/free/*', terms)], route('/*', terms))
const free = beside({ kind: 'free' })
const watched = beside(paid('/*', Number.POSITIVE_INFINITY))

describe('a route that is only watched', () => {
  it('opens nothing that a free one in its place would not', () => {
    let count = 0
    const opened: string[] = []
    for (const sent of hostileTargets()) {
      const mark = sent.search(/[?#]/)
      const target = mark === -1 ? readTarget(sent, '') : readTarget(sent.slice(0, mark), '')
      if (!target.ok) continue
      count++
      const [asFree, asWatched] = [free, watched].map((table) => match(table, target.value, 'GET'))
      const isFree = asFree?.ok && asFree.value.terms.kind === 'free'
      const isWatched = asWatched?.ok && observedUntil(asWatched.value.terms, 0) !== undefined
      if (isWatched && !isFree) opened.push(sent)
    }
    expect(opened).toEqual([])
    expect(count).toBeGreaterThan(1000)
  })
})
