import type { ZoneOptions } from '../src/index.ts'

const VAT = { en: 'Includes VAT.', de: 'Enthält MwSt.' }

/** What the demo sells: the gate shows these offers, and billing sells them. */
export const OFFERS = {
  premium: {
    title: 'Premium',
    description: {
      en: 'Every article, here and in your feed reader.',
      de: 'Alle Artikel, hier und in Ihrem Feedreader.',
    },
    price: { amount: '9', currency: 'EUR', every: 'P1M' },
    grants: ['premium'],
    main: true,
    tax: VAT,
  },
  annual: {
    title: { en: 'Premium, yearly', de: 'Premium, jährlich' },
    description: {
      en: 'All of Premium, for the price of ten months.',
      de: 'Alles aus Premium, zum Preis von zehn Monaten.',
    },
    price: { amount: '90', currency: 'EUR', every: 'P1Y' },
    grants: ['premium'],
    tax: VAT,
  },
  article: {
    title: { en: 'This article', de: 'Dieser Artikel' },
    description: {
      en: 'This page alone, for thirty days in this browser.',
      de: 'Nur diese Seite, dreißig Tage lang in diesem Browser.',
    },
    price: { amount: '0.90', currency: 'EUR' },
    receipt: { seconds: 30 * 86_400 },
    tax: VAT,
  },
  api: {
    title: { en: 'API plan', de: 'API-Tarif' },
    description: {
      en: 'A thousand requests an hour.',
      de: 'Tausend Anfragen je Stunde.',
    },
    price: { amount: '20', currency: 'USD', every: 'P1M' },
    grants: ['api'],
  },
  both: {
    title: { en: 'Premium and API', de: 'Premium und API' },
    description: {
      en: 'The paper and its data.',
      de: 'Die Zeitung und ihre Daten.',
    },
    price: { amount: '26', currency: 'USD', every: 'P1M' },
    grants: ['premium', 'api'],
  },
  reports: {
    title: { en: 'Reports for an hour', de: 'Berichte für eine Stunde' },
    description: {
      en: 'All harbour reports, without an account.',
      de: 'Alle Hafenberichte, ohne Konto.',
    },
    price: { amount: '0.25', currency: 'USD' },
    receipt: { seconds: 3600 },
  },
  credit: {
    title: { en: 'Prepaid credit', de: 'Guthaben' },
    description: {
      en: 'For reports and language models, used as you go.',
      de: 'Für Berichte und Sprachmodelle, nach Verbrauch.',
    },
    price: { amount: '1', currency: 'USD' },
    credit: { amount: '1', currency: 'USD' },
  },
} satisfies NonNullable<ZoneOptions['offers']>

/** The page that is sold by itself comes with its path: `offer:article:/articles/1`. */
export function scopeOf(name: string): string {
  return name === 'article' ? 'offer:article:{path}' : `offer:${name}`
}
