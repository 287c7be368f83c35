import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OfferOptions, OfferPriceOptions } from '../../src/config/options.ts'
import { parseInstant } from '../../src/core/instant.ts'
import { type Money, parseMoney } from '../../src/core/money.ts'
import { parsePeriod } from '../../src/core/period.ts'
import { type Refusal, refusal } from '../../src/core/problem.ts'
import { capture } from '../../src/http/capture.ts'
import { countInWords, instantInWords, moneyInWords, periodInWords } from '../../src/pages/format.ts'
import type { OfferView, RefusedView } from '../../src/refusals/describe.ts'
import { html } from '../../src/refusals/html.ts'
import { refuse, respond } from '../../src/refusals/respond.ts'
import { plainText } from '../../src/refusals/text.ts'
import type { Site } from '../../src/site.ts'
import { EVERY_REASON, newspaper, toldRefusal } from './newspaper.ts'

const LANGUAGES = ['en', 'de'] as const
const COUNTRIES = ['DE', 'CH', 'US', undefined] as const

const word = fc.stringMatching(/^[aZ <>&"'{}$`é–日\\]{1,24}$/)
const inWords = word.map((text) => `x${text}y`.replaceAll(/\s+/g, ' '))
const localText = fc.oneof(inWords, fc.record({ en: inWords, de: inWords }))

const amount = fc
  .tuple(fc.nat({ max: 99_999 }), fc.option(fc.nat({ max: 999 }), { nil: undefined }))
  .map(([whole, part]) => (part === undefined ? String(whole) : `${whole}.${String(part).padStart(3, '0')}`))
const price = fc.record(
  {
    amount,
    currency: fc.constantFrom('EUR', 'USD', 'CHF', 'JPY'),
    every: fc.constantFrom('P1M', 'P1Y', 'P1W', 'P3M'),
  },
  { requiredKeys: ['amount', 'currency'] },
)

/** The price of all others, and one for each of some countries. */
const prices = fc
  .tuple(price, fc.uniqueArray(fc.constantFrom('DE', 'CH', 'AT'), { maxLength: 3 }), fc.array(price, { minLength: 3 }))
  .map(([first, countries, others]): OfferPriceOptions[] => [
    first,
    ...countries.map((country, index) => ({ ...(others[index] ?? first), countries: [country] })),
  ])

const offer: fc.Arbitrary<OfferOptions> = fc.record(
  {
    title: localText,
    description: localText,
    tax: localText,
    price: fc.oneof(price, prices),
    grants: fc.constant(['premium']),
    receipt: fc.constant({ uses: 1 }),
    main: fc.constant(true as const),
  },
  { requiredKeys: ['title', 'price', 'grants'] },
)
const offers = fc
  .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), { minLength: 1, maxLength: 4 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, offer]))))

interface Asked {
  readonly accept: string
  readonly language: string
  readonly country: string | undefined
}

function answer(site: Site, why: Refusal, { accept, language, country }: Asked): Promise<string> {
  const headers = { accept, 'accept-language': language }
  const exchange = capture(new Request('https://a.test/articles/1', { headers }), 0)
  const route = site.zone.routes.entries[0]?.route
  return respond(refuse(why, exchange, { site, route, country }), 0, 0).text()
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/** The text of a piece of a page, as a browser shows it. */
function shown(markup: string): string {
  const text = markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&(lt|gt|quot|#39|amp);/g, (all, name) => ENTITIES[name] ?? all)
  return squeezed(text)
}

function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

interface ShownOffer {
  readonly text: string
  readonly href: string | undefined
}

function offersOfPage(page: string): readonly ShownOffer[] {
  const list = /<ul class="offers">([\s\S]*?)<\/ul>/.exec(page)?.[1] ?? ''
  return [...list.matchAll(/<li[^>]*>([\s\S]*?)<\/li>/g)].map(([, item = '']) => ({
    text: shown(item),
    href: shown(/href="([^"]*)"/.exec(item)?.[1] ?? ''),
  }))
}

/** What a page has to say of an offer of the document. */
function saidOf({ title, price: asked, tax, description }: OfferView, language: string): readonly string[] {
  const period = asked.every === undefined ? undefined : parsePeriod(asked.every)
  const texts = [title, moneyInWords(asked, language), tax, period && periodInWords(period, language)]
  return [...texts, description].filter((text) => text !== undefined).map(squeezed)
}

async function documentOf(site: Site, why: Refusal, asked: Omit<Asked, 'accept'>): Promise<RefusedView> {
  return JSON.parse(await answer(site, why, { ...asked, accept: 'application/json' }))
}

const asking = {
  offers,
  why: fc.constantFrom(...EVERY_REASON.map(toldRefusal)),
  language: fc.constantFrom(...LANGUAGES),
  country: fc.constantFrom(...COUNTRIES),
}

/** A refusal with numbers of one reader: a limit, or a balance that is too low. */
const units = fc.bigInt({ min: 0n, max: 10n ** 20n })
const numbered: fc.Arbitrary<Refusal> = fc.oneof(
  fc.record({ quota: units, used: units, resetsAt: fc.nat() }).map((limit) =>
    refusal('usage-limit-reached', 'A sentence for programs.', {
      facts: { limit: { name: 'articles', unit: 'articles', ...limit } },
      retryAfterSeconds: 60,
    }),
  ),
  fc.record({ left: units, needed: units, debt: units }).map(({ left, needed, debt }) =>
    refusal('credit-insufficient', 'A sentence for programs.', {
      amounts: { left: { credit: euros(left), debt: euros(debt) }, needed: { credit: euros(needed) } },
    }),
  ),
)

function euros(amountInUnits: bigint): Money {
  return { units: amountInUnits, currency: 'EUR' }
}

/** What a page has to say of the numbers in the document. */
function numbersOf({ facts, left, needed }: RefusedView, language: string): readonly string[] {
  const limit = facts?.limit
  const counts = limit === undefined ? [] : [limit.quota, limit.used ?? limit.quota]
  const sums = [left?.credit, left?.debt, needed?.credit].filter((sum) => sum !== undefined)
  return [
    ...counts.map((count) => countInWords(BigInt(count), language)),
    ...(limit?.resets === undefined ? [] : [instantInWords(parseInstant(limit.resets) ?? 0, language)]),
    ...sums.map((sum) => moneyInWords(sum, language)),
  ].map(squeezed)
}

describe('Page and problem document', () => {
  const siteOf = (sold: Record<string, OfferOptions>): Site =>
    newspaper({
      offers: sold,
      routes: [
        {
          path: '/articles/*',
          requires: 'premium',
          offers: Object.keys(sold),
          price: { amount: '0.90', currency: 'EUR' },
        },
      ],
      remedies: { checkout: 'https://shop.test/buy?what={offer}&return={return}', signIn: 'https://shop.test/in' },
      refusals: [html(), plainText()],
    })

  it('agree on what is on sale: names, order, prices, tax and where it is bought', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(asking), async ({ offers: sold, why, ...asked }) => {
        const site = siteOf(sold)
        const { offers: told = [] } = await documentOf(site, why, asked)
        const onPage = offersOfPage(await answer(site, why, { ...asked, accept: 'text/html' }))
        expect(onPage.map(({ href }) => href)).toEqual(told.map(({ href }) => href))
        for (const [index, one] of told.entries())
          for (const text of saidOf(one, asked.language)) expect(onPage[index]?.text).toContain(text)
      }),
    )
  })

  it('agree with the lines of plain text, which leave descriptions out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(asking), async ({ offers: sold, why, ...asked }) => {
        const site = siteOf(sold)
        const { offers: told = [] } = await documentOf(site, why, asked)
        const lines = squeezed(await answer(site, why, { ...asked, accept: 'text/plain' }))
        for (const { description: _description, ...one } of told)
          for (const text of saidOf(one, asked.language)) expect(lines).toContain(text)
      }),
    )
  })

  it('state the price of the reader’s country, else the first one, exactly as configured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(asking), async ({ offers: sold, language, country }) => {
        const { offers: all = [] } = await documentOf(siteOf(sold), toldRefusal('payment-required'), {
          language,
          country,
        })
        expect(all).toHaveLength(Object.keys(sold).length)
        for (const told of all) {
          const listed = [sold[told.name]?.price ?? []].flat()
          const meant =
            listed.find(({ countries }) => country !== undefined && countries?.includes(country)) ?? listed[0]
          expect(parseMoney(told.price.amount, told.price.currency)).toEqual(parseMoney(meant?.amount, meant?.currency))
          expect(told.price.every).toBe(meant?.every)
        }
      }),
    )
  })

  it('agree on the numbers of one reader', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LANGUAGES), numbered, async (language, why) => {
        const site = newspaper()
        const numbers = numbersOf(await documentOf(site, why, { language, country: undefined }), language)
        const page = shown(await answer(site, why, { accept: 'text/html', language, country: undefined }))
        for (const number of numbers) expect(page).toContain(number)
      }),
    )
  })
})
