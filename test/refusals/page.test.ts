import { describe, expect, it } from 'vitest'
import { type Reason, REASONS, refusal } from '../../src/core/problem.ts'
import { html } from '../../src/refusals/html.ts'
import type { Site } from '../../src/site.ts'
import { ARTICLE, EVERY_REASON, newspaper, OF_READERS, refusedAt, toldRefusal } from './newspaper.ts'

const SITE = newspaper()
const LANGUAGES = ['en', 'de']
/** Nobody is asked to buy again. */
const BOUGHT: readonly Reason[] = ['security-hold', 'payment-declined', 'credential-not-yet-valid']
const HELP = { documentation: 'https://shop.test/problems' }
const MOST_BYTES = 8 * 1024

const bytesIn = (text: string): number => new TextEncoder().encode(text).length
const pageOf = (reason: Reason, language = 'en'): Promise<string> =>
  refusedAt(SITE, toldRefusal(reason), { language }).text()
/** Where the main action leads; there is one. */
const mainOf = (page: string): (string | undefined)[] =>
  Array.from(page.matchAll(/class="main" href="([^"]*)"/g), ([, href]) => href)

interface Document {
  readonly offers?: readonly {
    readonly title: string
    readonly price: { readonly amount: string }
    readonly href: string
  }[]
}

const documentOf = async (reason: Reason, language: string): Promise<Document> => {
  const response = refusedAt(SITE, toldRefusal(reason), { language, accept: 'application/json' })
  return response.json<Document>()
}

describe('the page of', () => {
  it.each(EVERY_REASON)('%s has at most 8 kB, in every language', async (reason) => {
    for (const language of LANGUAGES)
      for (const article of [undefined, ARTICLE]) {
        const response = refusedAt(SITE, toldRefusal(reason), { language, article })
        expect(bytesIn(await response.text())).toBeLessThanOrEqual(MOST_BYTES)
        expect(response.headers.get('content-language')).toBe(language)
        expect(response.headers.get('vary')).toBe('Accept, Accept-Language')
      }
  })

  // The page of a prefetch is the refused page itself, not opened yet.
  it.each(EVERY_REASON.filter((reason) => reason !== 'prefetch-declined'))(
    '%s has one main action, which leads to another page',
    async (reason) => {
      const [href, ...others] = mainOf(await pageOf(reason))
      expect(others).toEqual([])
      expect(href).toMatch(/^(?:\/|https:\/\/shop\.test\/.+)$/)
    },
  )

  it.each(EVERY_REASON)('%s offers what the problem document does, at the same prices', async (reason) => {
    for (const language of LANGUAGES) {
      const { offers = [] } = await documentOf(reason, language)
      const page = await pageOf(reason, language)
      const shown = Array.from(page.matchAll(/<li[^>]*><strong>([^<]*)<\/strong>/g), ([, title]) => title)
      expect(shown).toEqual(offers.map(({ title }) => title))
      for (const { price, href } of offers) {
        expect(page.replaceAll(/[^\d]/g, '')).toContain(Number(price.amount).toFixed(2).replace('.', ''))
        expect(page).toContain(href)
      }
      expect(offers.length > 0).toBe(REASONS[reason].status === 402 && !BOUGHT.includes(reason))
    }
  })
})

describe('where a page leads', () => {
  it.each([
    ['payment-required', 'checkout?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['credential-malformed', 'sign-in?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['credential-ambiguous', 'sign-in?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['credential-invalid', 'sign-in?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['credential-expired', 'sign-in?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['subscription-inactive', 'checkout?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['payment-declined', 'portal'],
    ['credit-insufficient', 'checkout?return=https%3A%2F%2Fa.test%2Farticles%2F1'],
    ['security-hold', 'support'],
    ['settlement-unknown', 'support'],
  ] as const)('first of all from %s: %s', async (reason, path) => {
    expect(mainOf(await pageOf(reason))).toEqual([`https://shop.test/${path}`])
  })

  it('is home if nothing is configured that would help', async () => {
    const bare = newspaper({ offers: {}, remedies: HELP, routes: [{ path: '/articles/*', requires: 'premium' }] })
    for (const reason of EVERY_REASON.filter((one) => one !== 'prefetch-declined'))
      expect(mainOf(await refusedAt(bare, toldRefusal(reason)).text())).toEqual(['/'])
  })

  it('is nothing to buy for an account that is held', async () => {
    const page = await pageOf('security-hold')
    expect(page).not.toContain('rel="payment"')
    expect(page).not.toContain('class="offers"')
  })
})

describe('the numbers of a page', () => {
  it.each([
    ['en', 'usage-limit-reached', 'You have used 100 of 100 articles'],
    ['en', 'usage-limit-reached', 'You can go on from November 28, 2026'],
    ['en', 'usage-limit-reached', 'in 45 minutes'],
    ['de', 'usage-limit-reached', 'Sie haben 100 von 100 articles verbraucht'],
    ['en', 'credit-insufficient', 'You have €0.40, and this costs €0.90.'],
    ['de', 'credit-insufficient', 'Sie haben 0,40 €, und dies kostet 0,90 €.'],
    ['en', 'credential-expired', 'ended on November 28, 2026'],
    ['de', 'credential-not-yet-valid', 'beginnt am 28. November 2026'],
    ['en', 'entitlement-insufficient', 'Your plan “Basic” does not include it.'],
    ['en', 'payment-insufficient', 'It was for /reports/*.'],
    ['en', 'payment-required', 'You have read 3 of 3 free pages'],
    ['en', 'payment-required', '€5.00 <small>per month</small>'],
    ['de', 'payment-required', '5,00 € <small>pro Monat</small>'],
  ] as const)('are said in words (%s, %s): %s', async (language, reason, words) => {
    expect((await pageOf(reason, language)).replaceAll(/\u00a0|\u202f/g, ' ')).toContain(words)
  })

  it('are on no later page', async () => {
    await pageOf('usage-limit-reached')
    const later = refusedAt(SITE, refusal('usage-limit-reached', 'A sentence for programs.'))
    expect(await later.text()).not.toContain('of 100')
  })
})

describe('what is public of the page', () => {
  it('comes first, with its own heading', async () => {
    const page = await refusedAt(SITE, toldRefusal('payment-required'), { article: ARTICLE }).text()
    expect(page).toContain(`<title>${ARTICLE.title} – The Daily Fare</title>`)
    expect(page).toContain(`<h1>${ARTICLE.title}</h1>`)
    expect(page).toContain(
      '<h2>Keep reading with The Daily Fare</h2>\n<p>This article is for subscribers. You have read 3 of 3 free articles.',
    )
    for (const paragraph of ARTICLE.paragraphs) expect(page).toContain(`<p>${paragraph}</p>`)
  })

  it('is marked as not free where that is wanted, and its data cannot end early', async () => {
    const article = { ...ARTICLE, title: '</script><b>' }
    const show = (site: Site) => refusedAt(site, toldRefusal('payment-required'), { article }).text()
    const page = await show(newspaper({ refusals: [html({ markPaywalled: true })] }))
    const [, data = ''] = /<script type="application\/ld\+json">(.*?)<\/script>/.exec(page) ?? []
    expect(JSON.parse(data)).toMatchObject({ headline: article.title, isAccessibleForFree: false })
    expect(await show(SITE)).not.toContain('ld+json')
  })

  it('is none of another page', async () => {
    await refusedAt(SITE, toldRefusal('payment-required'), { article: ARTICLE }).text()
    const other = await refusedAt(SITE, toldRefusal('payment-required')).text()
    expect(other).not.toContain(ARTICLE.title)
    expect(other).toContain('<h1>Keep reading with The Daily Fare</h1>\n<p>This page is for subscribers.')
  })

  it('is text, whatever it holds, and shows pictures of the site alone', async () => {
    const hostile = '<script>alert(1)</script>\ue000\ue004'
    const show = (url: string): Promise<string> => {
      const article = { title: hostile, byline: hostile, image: { url, alt: hostile }, paragraphs: [hostile] }
      return refusedAt(SITE, toldRefusal('payment-required'), { article }).text()
    }
    expect(await show('/picture.jpg')).not.toContain('<script>')
    expect(await show('/picture.jpg')).toContain('<img src="/picture.jpg"')
    expect(await show('https://a.test/picture.jpg')).toContain('<img src="/picture.jpg"')
    for (const url of [
      'https://evil.test/a.jpg',
      'https://a.test//evil.test/a.jpg',
      '//evil.test/a.jpg',
      'javascript:alert(1)',
      '/\\evil.test/a.jpg',
    ])
      expect(await show(url)).not.toContain('<img')
  })
})

describe('the page of a fault that passes', () => {
  const refresh = (reason: Reason, method = 'GET'): string | null =>
    refusedAt(SITE, toldRefusal(reason), { method }).headers.get('refresh')

  it.each([
    ['overloaded', '5'],
    ['keys-unavailable', '5'],
    ['ledger-unavailable', '5'],
    ['origin-unreachable', '10'],
    ['origin-timeout', '10'],
    ['credential-not-yet-valid', '30'],
  ] as const)('%s opens the page again by itself, after %s seconds', (reason, seconds) => {
    expect([refresh(reason), refresh(reason, 'HEAD'), refresh(reason, 'POST')]).toEqual([seconds, seconds, null])
  })

  it.each([
    'payment-required',
    'usage-limit-reached',
    'security-hold',
    'settlement-unknown',
    'internal-error',
  ] as const)('%s is no such fault', (reason) => {
    expect(refresh(reason)).toBeNull()
  })

  it('is not waited for longer than five minutes, nor by a program', () => {
    const late = refusal('overloaded', 'Later.', { retryAfterSeconds: 301 })
    expect(refusedAt(SITE, late).headers.get('refresh')).toBeNull()
    const program = refusedAt(SITE, toldRefusal('overloaded'), { accept: 'application/json' })
    expect([program.headers.get('refresh'), program.headers.get('retry-after')]).toEqual([null, '5'])
  })
})

describe('the texts of an operator', () => {
  it('take the place of those built in, and any language can be added', async () => {
    const texts = {
      de: { 'payment-required': { heading: 'Nur mit {offer}' } },
      he: { 'payment-required': { heading: 'המשך לקרוא ב-{offer}' } },
    }
    const pages = { site: { name: 'The Daily Fare' }, languages: ['en', 'de', 'he'], texts }
    const site = newspaper({ pages })
    const show = (language: string): Promise<string> =>
      refusedAt(site, toldRefusal('payment-required'), { language }).text()
    expect(await show('de')).toContain('<h1>Nur mit The Daily Fare</h1>')
    expect(await show('en')).toContain('<h1>Keep reading with The Daily Fare</h1>')
    const hebrew = await show('he')
    expect(hebrew).toContain('<html lang="he" dir="rtl">')
    expect(hebrew).toContain('המשך לקרוא ב-The Daily Fare')
    expect(hebrew).toContain('This page is for subscribers.')
  })
})

describe('a reader who is signed in', () => {
  it.each(Object.keys(OF_READERS))('is asked neither to sign in nor to buy by %s', async (what) => {
    const why = OF_READERS[what] ?? toldRefusal('payment-required')
    const page = await refusedAt(SITE, why).text()
    expect(page).not.toMatch(/rel="(?:sign-in|payment)"/)
    expect(page.match(/class="main"/g)).toHaveLength(1)
  })
})

describe('a route that has no offers of the zone', () => {
  it('is told with the title, the description and the price of its own', async () => {
    const offer = { title: 'Premium', description: 'Every article and the archive.' }
    const route = { path: '/articles/*', price: { amount: '0.25', currency: 'USD' }, offer }
    const show = (terms: object): Promise<string> => {
      const site = newspaper({ offers: {}, remedies: HELP, routes: [{ ...route, ...terms }] })
      return refusedAt(site, refusal('payment-required', 'A sentence for programs.')).text()
    }
    expect(await show({ requires: 'premium' })).toContain(
      '<h1>Keep reading with Premium</h1>\n<p>This page is for subscribers. By itself it costs $0.25. Every article and the archive.</p>',
    )
    expect(await show({})).toContain('<p>This page costs $0.25. Every article and the archive.</p>')
  })
})
