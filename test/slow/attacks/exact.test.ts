import { expect, it } from 'vitest'
import { DEFAULT_METERING } from '../../../src/access/limit.ts'
import type { Terms } from '../../../src/access/offer.ts'
import { AS_RECEIVED, buildTable, match, type Route } from '../../../src/access/route.ts'
import { readTarget } from '../../../src/http/rules/target.ts'
import { hostileTargets } from './targets.ts'

const offer = { entitlements: ['x'], price: undefined, onSale: true, title: undefined, description: undefined }
const PAID: Terms = {
  kind: 'paid',
  offer: { ...offer, resource: '/app/*' },
  metering: DEFAULT_METERING,
  observedUntilMs: undefined,
}
const FREE: Terms = { kind: 'free' }

function route(path: string, terms: Terms): Route {
  return {
    path,
    methods: undefined,
    terms,
    cache: AS_RECEIVED,
    limits: { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 },
  }
}

it('A free path beside a paid tree opens that path, and no other spelling of anything', () => {
  const tree = [route('/app/*', PAID)]
  const [without, beside] = [tree, [...tree, route('/app.js', FREE)]].map((routes) =>
    buildTable(routes, route('/*', FREE)),
  )
  const isFree = (table: typeof beside, sent: string): boolean => {
    const target = readTarget(sent, '')
    const found = target.ok && table ? match(table, target.value, 'GET') : undefined
    return found?.ok === true && found.value.terms.kind === 'free'
  }
  const targets = hostileTargets(['/app/secret', '/app', '/app.js', '/app.js/secret', '/app.js.json']).map(
    (sent) => sent.split(/[?#]/, 1)[0] ?? '',
  )
  const opened = targets.filter((sent) => isFree(beside, sent) && !isFree(without, sent))
  const canonical = new Set(
    opened.map((sent) => {
      const target = readTarget(sent, '')
      return target.ok ? target.value.path : sent
    }),
  )
  expect([...canonical]).toEqual(['/app.js'])
  expect(targets.length).toBeGreaterThan(10_000)
})
