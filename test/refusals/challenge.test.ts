import { describe, expect, it, vi } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import type { Challenge, Contribution, Rail } from '../../src/rails/rail.ts'
import { html } from '../../src/refusals/html.ts'
import { exchangeOf, PAYMENT_REQUIRED, refused, challengingRail, siteWith } from './site.ts'

const BROWSER = { headers: { accept: 'text/html' } }

function challenged(response: Response): string {
  return response.headers.get('www-authenticate') ?? ''
}

describe('what a rail says every time', () => {
  it('is asked for once for each reason and sentence', async () => {
    const challenge = vi.fn<Rail['challenge']>(({ refusal: { reason } }) => ({
      fields: [['WWW-Authenticate', `Toy for="${reason}"`]],
      members: { toy: reason },
      isStatic: true,
    }))
    const site = siteWith({ rails: [challengingRail(challenge)] })
    const expired = refusal('credential-expired', 'It has expired.')
    for (let round = 0; round < 3; round++) {
      expect(challenged(refused(site))).toBe('Toy for="payment-required"')
      const response = refused(site, exchangeOf(), expired)
      expect(challenged(response)).toBe('Toy for="credential-expired"')
      expect(await response.json()).toMatchObject({ toy: 'credential-expired' })
    }
    expect(challenge).toHaveBeenCalledTimes(2)
  })
})

describe('a Link that a rail writes', () => {
  const REMEDY = /<https:\/\/billing\.test\/checkout\?return=[^>]*%2Farticles%2F(\d)>; rel="payment"/

  it('is there beside those of the remedies, which are each reader’s own', () => {
    const fields = [['link', '</prices>; rel="service-doc"']] as const
    const site = siteWith({ rails: [challengingRail(() => ({ fields, isStatic: true }))] })
    for (const page of ['1', '2']) {
      const link = refused(site, exchangeOf(`/articles/${page}`)).headers.get('link') ?? ''
      expect(link).toMatch(/^<\/prices>; rel="service-doc", /)
      expect(link.match(/rel=/g)).toHaveLength(2)
      expect(REMEDY.exec(link)?.[1]).toBe(page)
    }
  })

  it('is not another reader’s if the next URL is too long for it', () => {
    const site = siteWith({})
    refused(site)
    expect(refused(site, exchangeOf(`/articles/${'a'.repeat(4000)}`)).headers.get('link')).toBeNull()
  })
})

describe('the check that has failed', () => {
  it('is told by each refusal for itself, though the sentence is the same', async () => {
    const site = siteWith({ rails: [challengingRail(() => ({ fields: [], isStatic: true }))] })
    for (const check of ['cover', 'standing', 'cover'] as const) {
      const why = refusal('entitlement-insufficient', 'The plan does not include this any more.', { check })
      expect(await refused(site, exchangeOf(), why).json()).toMatchObject({ check })
    }
  })
})

describe('what a rail says of one exchange', () => {
  const nonce = ({ exchange }: Challenge): Contribution => ({
    fields: [['WWW-Authenticate', `Toy nonce="${exchange.id}"`]],
    members: { nonce: exchange.id, target: exchange.target.path },
  })

  it('is that exchange’s alone, in fields and body, beside what other rails say every time', async () => {
    const steady = challengingRail(() => ({
      fields: [['WWW-Authenticate', 'Steady']],
      members: { steady: true },
      isStatic: true,
    }))
    const site = siteWith({ rails: [steady, challengingRail(nonce)] })
    for (const path of ['/articles/1', '/articles/2']) {
      const exchange = exchangeOf(path)
      const response = refused(site, exchange)
      expect(challenged(response)).toBe(`Steady, Toy nonce="${exchange.id}"`)
      const body: unknown = await response.json()
      expect(body).toMatchObject({ steady: true, nonce: exchange.id, target: path })
      expect(body).toMatchObject({ reason: 'payment-required', instance: `urn:uuid:${exchange.id}` })
    }
  })

  it('is in fields alone where its members never change: the body is not written anew', async () => {
    const members = vi.fn(() => ({ toy: 'steady' }))
    const challenge = ({ exchange }: Challenge): Contribution => ({
      fields: [['Toy-Id', exchange.id]],
      members: members(),
      hasStaticMembers: true,
    })
    const site = siteWith({ rails: [challengingRail(challenge)] })
    members.mockReturnValueOnce({ toy: 'first' })
    for (const path of ['/articles/1', '/articles/2']) {
      const exchange = exchangeOf(path)
      const response = refused(site, exchange)
      expect(response.headers.get('toy-id')).toBe(exchange.id)
      expect(await response.json()).toMatchObject({ toy: 'first', instance: `urn:uuid:${exchange.id}` })
    }
  })

  it('does without the body if it has no members', async () => {
    const site = siteWith({ rails: [challengingRail(({ exchange }) => ({ fields: [['Toy-Id', exchange.id]] }))] })
    const exchange = exchangeOf()
    const response = refused(site, exchange)
    expect(response.headers.get('toy-id')).toBe(exchange.id)
    expect(await response.json()).toMatchObject({ instance: `urn:uuid:${exchange.id}` })
  })

  it('is on the page of a browser in the fields', async () => {
    const site = siteWith({ refusals: [html()], rails: [challengingRail(nonce)] })
    const exchange = exchangeOf('/articles/1', BROWSER)
    const response = refused(site, exchange)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(challenged(response)).toBe(`Toy nonce="${exchange.id}"`)
    expect(await response.text()).toContain(`urn:uuid:${exchange.id}`)
  })

  it('is asked about the offer and the refusal', () => {
    const asked: Challenge[] = []
    const site = siteWith({
      rails: [
        challengingRail((challenge) => {
          asked.push(challenge)
          return { fields: [] }
        }),
      ],
    })
    refused(site)
    expect(asked.at(-1)).toMatchObject({
      zone: site.zone,
      refusal: PAYMENT_REQUIRED,
      offer: { resource: '/articles/*', price: { currency: 'USD' } },
    })
  })
})

describe.each([
  ['every time', true],
  ['of one exchange', false],
])('members that rails say %s', (_when, isStatic) => {
  const member = (members: NonNullable<Contribution['members']>): Rail =>
    challengingRail(() => ({ fields: [], members, isStatic }))

  it('leave the facts of the refusal as they are', async () => {
    const hostile = { status: 200, reason: 'paid', instance: 'urn:mine', check: 'none', remedies: [], extra: 1 }
    const body = (await refused(siteWith({ rails: [member(hostile)] })).json()) as Record<string, unknown>
    expect(body).toMatchObject({ status: 402, reason: 'payment-required', check: 'presented', extra: 1 })
    expect(body['remedies']).not.toEqual([])
    expect(Object.keys(body).slice(0, 3)).toEqual(['type', 'title', 'status'])
  })

  it('are the first rail’s where two have one name', async () => {
    const site = siteWith({ rails: [member({ accepts: 'first' }), member({ accepts: 'second', other: 2 })] })
    expect(await refused(site).json()).toMatchObject({ accepts: 'first', other: 2 })
  })
})

describe('a rail that says too much', () => {
  it.each([
    ['every time', true],
    ['of one exchange', false],
  ])('%s keeps its members, and neither displaces the others nor the link to pay', async (_when, isStatic) => {
    const loud = challengingRail(() => ({
      fields: [['Loud', 'x'.repeat(5000)]],
      members: { loud: 'all of it' },
      isStatic,
    }))
    const quiet = challengingRail(() => ({ fields: [['WWW-Authenticate', 'Quiet']], isStatic }))
    const response = refused(siteWith({ rails: [loud, quiet] }))
    expect(response.headers.get('loud')).toBeNull()
    expect(challenged(response)).toBe('Quiet')
    expect(response.headers.get('link')).toContain('rel="payment"')
    expect(await response.json()).toMatchObject({ loud: 'all of it' })
  })
})

it('what a rail exposes, a program in a browser may read', () => {
  const site = siteWith({
    rails: [challengingRail(() => ({ fields: [], isStatic: true }), ['Toy-Required', 'Toy-Response'])],
  })
  expect(refused(site).headers.get('access-control-expose-headers')).toMatch(
    /^WWW-Authenticate, .*, Toy-Required, Toy-Response$/,
  )
})

it('What is one request’s own is in no other refusal of its kind, neither by a format nor by a rail', async () => {
  const text = { heading: 'canary', text: ['canary'], button: 'canary', note: 'canary' }
  const form = { action: '/canary', hidden: { id: 'canary' }, ...text }
  const own = { ...PAYMENT_REQUIRED, account: 'canary', form, fields: [['Set-Cookie', 'canary']] } as const
  const repeating: Rail['challenge'] = ({ refusal: why }) => ({
    fields: [],
    members: { why: JSON.stringify(why.form ?? why) },
    isStatic: true,
  })
  const echo = {
    ...html(),
    write: (_view: unknown, why: unknown) => ({
      fields: [],
      body: JSON.stringify(why),
    }),
  }
  const sites = [
    siteWith({ refusals: [html()] }),
    siteWith({ refusals: [echo] }),
    siteWith({ rails: [challengingRail(repeating)] }),
  ]
  for (const site of sites) {
    refused(site, exchangeOf('/articles/1', BROWSER), own)
    const next = refused(site, exchangeOf('/articles/1', BROWSER))
    expect(`${[...next.headers].join()} ${await next.text()}`).not.toContain('canary')
  }
})

describe('the formats of a zone', () => {
  it('are asked in their order, with exchange and route; without one that accepts it is a problem document', () => {
    const accepts = vi.fn((): boolean => false)
    const site = siteWith({ refusals: [{ ...html(), accepts }] })
    const exchange = exchangeOf('/articles/1', BROWSER)
    expect(refused(site, exchange).headers.get('content-type')).toBe('application/problem+json')
    expect(accepts).toHaveBeenCalledWith(exchange, site.zone.routes.entries[0]?.route)
  })

  it('are problem documents for browsers too, where none is named', () => {
    const response = refused(siteWith({}), exchangeOf('/articles/1', BROWSER))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })
})
