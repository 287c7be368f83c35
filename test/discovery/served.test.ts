import { describe, expect, it } from 'vitest'
import { match } from '../../src/access/route.ts'
import { openapi, type OpenapiOptions } from '../../src/discovery/openapi.ts'
import { capture } from '../../src/http/capture.ts'
import type { Site } from '../../src/site.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { documentAt, published } from './published.ts'

const AT = '/openapi.json'

function siteOf(change: object, options?: OpenapiOptions): Site {
  return siteAt(compiled({ zones: [{ ...ZONE, ...change, discovery: [openapi(options)] }] }), 'a.test')
}

const priced = (amount: string) => ({ routes: [{ path: '/r', price: { amount, currency: 'EUR' } }] })

describe('a document of the gate', () => {
  it('has a validator that changes with what it says, and with nothing else', async () => {
    const tags = await Promise.all(
      [priced('1'), priced('1'), priced('2')].map(async (zone) =>
        (await published(siteOf(zone), AT))?.headers.get('etag'),
      ),
    )
    expect(tags[0]).toMatch(/^"[\w-]{22}"$/)
    expect(tags[1]).toBe(tags[0])
    expect(tags[2]).not.toBe(tags[0])
  })

  it('is not sent again to a client that has it', async () => {
    const site = siteOf(priced('1'))
    const etag = (await published(site, AT))?.headers.get('etag') ?? ''
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await published(site, AT, { headers: { 'if-none-match': known } })
      expect([answer?.status, await answer?.text(), answer?.headers.get('etag')]).toEqual([304, '', etag])
      expect(answer?.headers.get('cache-control')).toBe('public, max-age=300')
    }
    const other = await published(site, AT, { headers: { 'if-none-match': '"x"' } })
    expect(other?.status).toBe(200)
  })

  it('answers HEAD with the fields of GET alone', async () => {
    const site = siteOf(priced('1'))
    const [got, asked] = [await published(site, AT), await published(site, AT, { method: 'HEAD' })]
    const text = (await got?.text()) ?? ''
    expect(await asked?.text()).toBe('')
    expect(Object.fromEntries(asked?.headers ?? [])).toEqual(Object.fromEntries(got?.headers ?? []))
    expect(asked?.headers.get('content-length')).toBe(String(new TextEncoder().encode(text).byteLength))
  })

  it.each<[string, OpenapiOptions, object, string]>([
    ['as the option says', { title: 'Reports' }, {}, 'Reports'],
    ['as the site is named on pages', {}, { pages: { site: { name: { de: 'Bericht', en: 'Report' } } } }, 'Report'],
    ['as its host', {}, {}, 'a.test'],
  ])('is titled %s', async (_how, options, change, expected) => {
    const { info } = await documentAt<{ info: { title: string } }>(siteOf(change, options), AT)
    expect(info.title).toBe(expected)
  })
})

describe('a document of ours', () => {
  const boundAt = async (options?: OpenapiOptions) => {
    const exchange = capture(new Request(`https://a.test${AT}`), 0)
    const route = match(siteOf({}, options).zone.routes, exchange.target, 'GET')
    if (!route.ok) throw new Error('no route')
    const bound = await route.value.meter?.bound({ exchange, content: undefined, account: undefined })
    return { limits: route.value.limits, bound: bound?.ok === true ? bound.value : undefined }
  }

  it('is served without asking the origin, if it replaces what that has', async () => {
    const { bound } = await boundAt({ replace: true })
    expect([bound?.answer, bound?.otherwise]).toEqual([expect.any(Function), undefined])
  })

  it('waits five seconds for that of the origin', async () => {
    const { bound, limits } = await boundAt()
    expect([bound?.answer, bound?.otherwise, limits.responseMs]).toEqual([undefined, expect.any(Function), 5000])
  })
})

/** The methods of requests at the document's path that get the document, and the terms of the others. */
function answeredAt(routes: readonly object[]): Record<string, string> {
  const { zone } = siteOf({ routes, unmatched: 'closed' })
  const answered = ['GET', 'HEAD', 'POST'].map((method) => {
    const { target } = capture(new Request(`https://a.test${AT}`, { method }), 0)
    const route = match(zone.routes, target, method)
    if (!route.ok) return [method, route.error.reason]
    return [method, route.value.meter?.name ?? route.value.terms.kind]
  })
  return Object.fromEntries(answered) as Record<string, string>
}

const paid = { price: { amount: '1', currency: 'EUR' } }

describe('routes leave a document what they do not take', () => {
  it.each<[string, readonly object[], Record<string, string>]>([
    ['no route', [], { GET: 'openapi', HEAD: 'openapi', POST: 'closed' }],
    ['one that takes all methods', [{ path: AT, ...paid }], { GET: 'paid', HEAD: 'paid', POST: 'paid' }],
    ['one that takes GET', [{ path: AT, methods: ['GET'], free: true }], { GET: 'free', HEAD: 'free', POST: 'closed' }],
    [
      'one that takes POST',
      [{ path: AT, methods: ['POST'], ...paid }],
      { GET: 'openapi', HEAD: 'openapi', POST: 'paid' },
    ],
    [
      'one that asks for a query',
      [{ path: AT, query: { full: true }, ...paid }],
      { GET: 'openapi', HEAD: 'openapi', POST: 'closed' },
    ],
    [
      'one that is spelled otherwise',
      [{ path: '/OpenAPI.json/', free: true }],
      { GET: 'free', HEAD: 'free', POST: 'free' },
    ],
    ['a wider one', [{ path: '/*', ...paid }], { GET: 'openapi', HEAD: 'openapi', POST: 'closed' }],
  ])('%s', (_which, routes, expected) => {
    expect(answeredAt(routes)).toEqual(expected)
  })
})
