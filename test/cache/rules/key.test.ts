import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countedQuery, keyText, selectingFields, cachePartitionOf } from '../../../src/cache/rules/key.ts'
import type { Entitlement } from '../../../src/access/entitlement.ts'
import type { Exchange } from '../../../src/http/rules/exchange.ts'
import { AS_RECEIVED, type Partition, type QueryPolicy, type Route } from '../../../src/access/route.ts'

const only = (...names: string[]): QueryPolicy => ({ kind: 'only', names, kept: [] })
const ignore = (...names: string[]): QueryPolicy => ({ kind: 'ignore', names, kept: [] })

describe('the query that counts', () => {
  it.each<[string, QueryPolicy | undefined, string]>([
    ['', undefined, ''],
    ['?a=1&b', undefined, '?a=1&b'],
    ['?a=1&b=2', only('a'), '?a=1'],
    ['?a=1&b=2', ignore('a'), '?b=2'],
    ['?a=1', ignore('a'), ''],
    ['?b=2', only('a'), ''],
    ['?a=1&a=2', only('a'), '?a=1&a=2'],
    ['?b=2&a=1', only('a', 'b'), '?b=2&a=1'],
    ['?utm_source=1&utm=2', ignore('utm_*'), '?utm=2'],
    ['?a=1', ignore('*'), ''],
    ['?%61=1', ignore('a'), ''],
    ['?%61=1', only('a'), '?%61=1'],
    ['?%E2%82%AC=1', ignore('€'), ''],
    ['?a+b=1', ignore('a b'), ''],
    ['?a%2Bb=1', ignore('a b'), '?a%2Bb=1'],
    ['?a%2Bb=1', ignore('a+b'), ''],
    ['?A=1', ignore('a'), '?A=1'],
    ['?a%3D=1', ignore('a'), '?a%3D=1'],
    ['?%a=1', ignore('a'), '?%a=1'],
    ['?%61%zz=1', ignore('a'), '?%61%zz=1'],
    ['?a', ignore('a'), ''],
    ['?a=b=c', ignore('a'), ''],
    ['?=1', ignore('a'), '?=1'],
    ['?&&a', ignore('a'), '?&'],
    ['?b;a=1', ignore('a'), '?b;a=1'],
  ])('of %j under %o is %j', (query, policy, expected) => {
    expect(countedQuery(query, policy)).toBe(expected)
  })

  it('and the one that does not are together all of it, in order', () => {
    const name = fc.constantFrom('a', 'b', '%61', 'c', 'utm_x')
    const parameters = fc.array(fc.tuple(name, fc.nat()).map(([key, value]) => `${key}=${value}`))
    fc.assert(
      fc.property(parameters, fc.subarray(['a', 'b', 'utm_*']), (given, names) => {
        const query = given.length === 0 ? '' : `?${given.join('&')}`
        const parts = (text: string) => (text === '' ? [] : text.slice(1).split('&'))
        const counted = parts(countedQuery(query, only(...names)))
        const rest = parts(countedQuery(query, ignore(...names)))
        expect([...counted, ...rest].toSorted()).toEqual(given.toSorted())
        expect(given.filter((part) => counted.includes(part))).toEqual(counted)
      }),
    )
  })
})

describe('who shares a copy', () => {
  const proof: Entitlement = {
    issuer: 'https://billing.test',
    account: 'ann',
    kind: 'entitlement',
    accountHash: 'hash',
    plan: 'Gold',
    entitlements: ['a', 'b'],
  } as unknown as Entitlement

  function partition(
    partition: Partition,
    by: Entitlement | undefined,
    asked: Partial<Exchange> = {},
  ): string | undefined {
    const exchange = {
      method: 'GET',
      target: { path: '/', query: '?a=1', interpretations: [] },
      fields: new Map(),
      ...asked,
    }
    const route = { cache: { ...AS_RECEIVED, partition, query: only() } }
    const { name: found, query } = cachePartitionOf(exchange as unknown as Exchange, route as unknown as Route, by)
    expect(query).toBe(found === undefined ? '?a=1' : '')
    return found
  }

  it('is everyone, those of a plan, one account, or no one', () => {
    expect(partition('shared', proof)).toBe('')
    expect(partition('shared', undefined)).toBe('')
    expect(partition('off', proof)).toBeUndefined()
    expect(partition('plan', proof)).toContain('Gold')
    expect(partition('plan', proof)).not.toContain('ann')
    expect(partition('account', proof)).toContain('ann')
  })

  it('is no one where the key of the route is not known', () => {
    for (const by of ['plan', 'account'] as const) expect(partition(by, undefined)).toBeUndefined()
    expect(partition('plan', { ...proof, plan: undefined })).toBeUndefined()
  })

  it('is no one for what is not a read', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'get'])
      expect(partition('shared', proof, { method })).toBeUndefined()
    expect(partition('shared', proof, { method: 'HEAD' })).toBe('')
    expect(partition('shared', proof, { fields: new Map([['upgrade', 'WebSocket']]) as never })).toBeUndefined()
  })

  it('differs with everything that the origin is told', () => {
    const text = fc.string()
    const facts = fc.record({
      issuer: text,
      account: text,
      plan: fc.option(text, { nil: undefined }),
      entitlements: fc.array(text),
    })
    fc.assert(
      fc.property(facts, facts, (one, other) => {
        const key = (known: typeof one) => partition('account', { ...proof, ...known })
        expect(key(one) === key(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })

  it('of a plan is not who shares by account, whatever they are called', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (account, plan) => {
        expect(partition('account', { ...proof, account, plan })).not.toBe(partition('plan', { ...proof, plan }))
      }),
    )
  })
})

describe('the text of a key', () => {
  const key = fc.record({
    zone: fc.constantFrom('a', 'b', 'a.b'),
    scheme: fc.constantFrom('http', 'https'),
    path: fc.constantFrom('/', '/a', '/a/b', '/a%20b'),
    query: fc.constantFrom('', '?', '?a', '?a=/b', '?%20'),
  })

  it('is one for each key', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(keyText(one) === keyText(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
    )
  })
})

describe('the fields that may select a variant', () => {
  it.each([
    ['accept-language', 'x'],
    ['x-tier', 'x'],
    ['cookie', null],
    ['authorization', null],
    ['faregate-subject', null],
    ['faregate-plan', null],
    ['x-reader-key', null],
    ['x_reader_key', null],
  ])('%s: %s', (name, expected) => {
    expect(selectingFields({ get: () => 'x' }, [['x-reader-key', 'given']])(name)).toBe(expected)
  })
})
