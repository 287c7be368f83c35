import { describe, expect, it } from 'vitest'
import { type Refusal, refusal } from '../../src/core/problem.ts'
import { html } from '../../src/refusals/html.ts'
import { problem } from '../../src/refusals/problem.ts'
import type { RefusalFormat } from '../../src/refusals/format.ts'
import { challengingRail, exchangeOf, PAYMENT_REQUIRED, refused, siteWith } from './site.ts'

const usd = (units: bigint) => ({ units, currency: 'USD' })
const SHORT = refusal('credit-insufficient', 'The prepaid credit of this account is too low for this.', {
  check: 'charge',
})
const SHORT_OF_CREDIT: Refusal = {
  ...SHORT,
  amounts: { left: { credit: usd(120_000_000n) }, needed: { credit: usd(250_000_000n), units: { tokens: 7n } } },
}
const SHORT_OF_TOKENS: Refusal = {
  ...SHORT,
  amounts: {
    left: { credit: usd(250_000_000n), units: { requests: 1n, tokens: 7n } },
    needed: { credit: usd(250_000_000n), units: { requests: 1n, tokens: 5360n } },
  },
}
const BROWSER = { headers: { accept: 'text/html' } }

describe('amounts of one account', () => {
  it('are in the problem document, and in no later one', async () => {
    const site = siteWith({ rails: [challengingRail(() => ({ fields: [], isStatic: true }))] })
    expect(await refused(site, exchangeOf(), SHORT_OF_CREDIT).json()).toMatchObject({
      detail: `${SHORT.detail} 0.12 USD left; this request reserves 0.25.`,
      left: { credit: { amount: '0.12', currency: 'USD' } },
      needed: { credit: { amount: '0.25', currency: 'USD' } },
    })
    expect(await refused(site, exchangeOf(), SHORT_OF_TOKENS).json()).toMatchObject({
      detail: `${SHORT.detail} 7 left of the limit "tokens"; this request reserves 5360.`,
      left: { units: { tokens: '7' } },
      needed: { units: { tokens: '5360' } },
    })
    const next = await refused(site, exchangeOf(), SHORT).text()
    expect(JSON.parse(next)).toMatchObject({ detail: SHORT.detail })
    expect(next).not.toContain('needed')
  })

  it('are on the page, and on no later one', async () => {
    const site = siteWith({ refusals: [html()] })
    expect(await refused(site, exchangeOf('/articles/1', BROWSER), SHORT_OF_CREDIT).text()).toContain(
      'You have $0.12, and this costs $0.25.',
    )
    expect(await refused(site, exchangeOf('/articles/1', BROWSER), SHORT).text()).not.toContain('You have')
  })

  it('change neither status nor fields', () => {
    const site = siteWith({
      rails: [challengingRail(() => ({ fields: [['WWW-Authenticate', 'Toy']], isStatic: true }))],
    })
    const [plain, told] = [SHORT, SHORT_OF_CREDIT].map((why) => refused(site, exchangeOf(), why))
    expect(told?.status).toBe(plain?.status)
    expect([...(told?.headers ?? [])]).toEqual([...(plain?.headers ?? [])])
  })
})

describe('a hint', () => {
  it('follows the detail of its own refusal alone', async () => {
    const site = siteWith({})
    const why = refusal('model-not-found', 'No such model is on sale here.')
    const told = refused(site, exchangeOf(), { ...why, hint: 'The nearest is "words-2".' })
    expect(told.status).toBe(404)
    expect(await told.json()).toMatchObject({ detail: 'No such model is on sale here. The nearest is "words-2".' })
    expect(await refused(site, exchangeOf(), why).json()).toMatchObject({ detail: why.detail })
  })
})

describe('details that quote requests', () => {
  it('are remembered up to a number, and told right beyond it', async () => {
    let written = 0
    const counting: RefusalFormat = {
      ...problem(),
      write: (...facts) => {
        written++
        return problem().write(...facts)
      },
    }
    const site = siteWith({ refusals: [counting] })
    const saying = (index: number) => refused(site, exchangeOf(), refusal('request-malformed', `Member ${index}.`))
    for (let index = 0; index < 1000; index++)
      expect(await saying(index).json()).toMatchObject({ detail: `Member ${index}.` })
    expect(written).toBe(1000)
    for (let index = 0; index < 1000; index++)
      expect(await saying(index).json()).toMatchObject({ detail: `Member ${index}.` })
    expect(written).toBe(1800)
  })
})

describe('a route that says 401 of credentials', () => {
  const expired = refusal('credential-expired', 'The token has expired.', { check: 'time' })
  const challenge = () => ({ fields: [['WWW-Authenticate', 'Bearer'] as const], isStatic: true })
  const settler = { create: () => async () => ({ outcome: 'failed' as const, reason: 'no' }) }
  const paying = { ...challengingRail(() => ({ fields: [['X-Pay', 'now']], isStatic: true })), settler } as never

  it('says it of credentials alone, in every format, with the challenge', async () => {
    const site = siteWith({ rails: [challengingRail(challenge)], refusals: [html()], terms: { credentials: 401 } })
    const program = refused(site, exchangeOf(), expired)
    const page = refused(site, exchangeOf('/articles/1', BROWSER), expired)
    expect([program.status, page.status]).toEqual([401, 401])
    expect(program.headers.get('www-authenticate')).toBe('Bearer')
    expect(await program.json()).toMatchObject({ status: 401, reason: 'credential-expired' })
    expect(await page.text()).toContain('Please sign in again')
    expect(refused(site, exchangeOf(), PAYMENT_REQUIRED).status).toBe(402)
  })

  it('offers no machine payment for a token that is at fault', () => {
    const terms = { credentials: 401 } as const
    const [plain, other] = [siteWith({ rails: [paying] }), siteWith({ rails: [paying], terms })]
    expect(refused(plain, exchangeOf(), expired).headers.get('x-pay')).toBe('now')
    expect(refused(other, exchangeOf(), expired).headers.get('x-pay')).toBeNull()
    expect(refused(other).headers.get('x-pay')).toBe('now')
  })
})
