import type { ArticleFacts } from '../../src/access/article.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import { type Reason, REASONS, type Refusal, refusal } from '../../src/core/problem.ts'
import { capture } from '../../src/http/capture.ts'
import { html } from '../../src/refusals/html.ts'
import { refuse, respond } from '../../src/refusals/respond.ts'
import type { Site } from '../../src/site.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

export const EVERY_REASON = Object.keys(REASONS) as Reason[]

const url = (name: string): string => `https://shop.test/${name}`

/** A newspaper as its publisher would describe it, with all that a page can show. */
const NEWSPAPER: Partial<ZoneOptions> = {
  offers: {
    monthly: {
      title: { en: 'Monthly', de: 'Monatlich' },
      description: { en: 'Every article, on every device.', de: 'Alle Artikel, auf allen Geräten.' },
      price: { amount: '5', currency: 'EUR', every: 'P1M' },
      grants: ['premium'],
      main: true,
      tax: { en: 'Includes 7% VAT.', de: 'Inklusive 7 % MwSt.' },
    },
    article: {
      title: { en: 'This article', de: 'Dieser Artikel' },
      description: { en: 'Read it as often as you like.', de: 'Lesen Sie ihn, so oft Sie wollen.' },
      price: { amount: '0.90', currency: 'EUR' },
      receipt: { uses: 20 },
    },
  },
  pages: {
    site: { name: 'The Daily Fare', home: '/' },
    legal: { terms: '/terms', privacy: '/privacy', imprint: '/imprint' },
  },
  remedies: {
    checkout: `${url('checkout')}?return={return}`,
    signIn: `${url('sign-in')}?return={return}`,
    account: url('account'),
    portal: url('portal'),
    support: url('support'),
    documentation: url('problems'),
  },
}

/** A site of one paid route that speaks HTML, with options laid over it. */
export function newspaper(change: Partial<ZoneOptions> = {}): Site {
  const routes = [
    {
      path: '/articles/*',
      requires: 'premium',
      offers: ['monthly', 'article'],
      price: { amount: '0.90', currency: 'EUR' },
    },
  ]
  return siteAt(compiled({ zones: [{ ...ZONE, ...NEWSPAPER, routes, refusals: [html()], ...change }] }), 'a.test')
}

export const ARTICLE: ArticleFacts = {
  title: 'The last ferry leaves at ten',
  byline: 'By Jonas Weber',
  published: '2026-11-28T08:00:00Z',
  paragraphs: [
    'For forty years the night boat to Sundby has carried bakers, nurses and the occasional bishop. This winter the council will decide whether anyone still needs it.',
    'On a wet Tuesday evening the captain counts eleven passengers, four bicycles and a cello. He has seen fuller boats, he says, and emptier councils.',
  ],
}

const euros = (units: bigint) => ({ units, currency: 'EUR' })
/** 28 November 2026, 19:06:40 UTC. */
const AT = 1_795_892_800

/** What is known of one request. */
const KNOWN: Partial<Record<Reason, Parameters<typeof refusal>[2]>> = {
  'payment-required': { check: 'presented', facts: { views: { quota: 3, resetsAt: AT } } },
  'credential-not-yet-valid': { check: 'time', facts: { from: AT }, retryAfterSeconds: 30 },
  'credential-expired': { check: 'time', facts: { until: AT } },
  'credit-insufficient': {
    amounts: { left: { credit: euros(400_000_000n) }, needed: { credit: euros(900_000_000n) } },
  },
  'usage-limit-reached': {
    facts: { limit: { name: 'articles', unit: 'articles', quota: 100n, used: 100n, resetsAt: AT } },
    retryAfterSeconds: 2684,
  },
  'entitlement-insufficient': { check: 'cover', facts: { plan: 'Basic' } },
  'payment-insufficient': { check: 'cover', facts: { resource: '/reports/*' } },
}

/** The refusal of a reason, with numbers where it has some. */
export function toldRefusal(reason: Reason): Refusal {
  return refusal(reason, 'A sentence for programs, with its "aud", "exp" and token.', KNOWN[reason])
}

export interface Asked {
  readonly language?: string
  readonly accept?: string
  readonly article?: ArticleFacts | undefined
  readonly method?: string
  readonly reference?: string
}

/** Refuses a request for an article of the newspaper. */
export function refusedAt(site: Site, why: Refusal, asked: Asked = {}): Response {
  const { language = 'en', accept = 'text/html', article, method = 'GET', reference } = asked
  const headers = { accept, 'accept-language': language }
  const exchange = capture(new Request('https://a.test/articles/1', { method, headers }), AT * 1000)
  const route = site.zone.routes.entries[0]?.route
  return respond(refuse(why, exchange, { site, route, article, reference }), 0, AT * 1000)
}

/** Refusals of a reader who is signed in, and has something to confirm or to open. */
export const OF_READERS: Readonly<Record<string, Refusal>> = {
  'a price to confirm': {
    ...refusal('payment-required', 'A sentence for programs.', { check: 'presented' }),
    form: {
      action: '/__faregate/confirm',
      hidden: { target: '/articles/1', id: 'request', binding: 'binding' },
      heading: 'Open this page?',
      text: ['Opening this page takes ', '0.25 USD', ' from your credit. You have ', '4.75 USD', '.'],
      button: 'Pay 0.25 USD and open',
      note: 'Nothing has been charged.',
    },
  },
  'a page that another site led to': {
    ...refusal('payment-required', 'The same from our own pages might be granted.', { check: 'presented' }),
    isToReopen: true,
  },
}
