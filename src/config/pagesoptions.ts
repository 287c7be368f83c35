/**
 * The options of what readers see: the pages of the gate, and what is on sale.
 */

/** A text for people: one for all languages, or one for each, by language tag: `{ en: 'Monthly', de: 'Monatlich' }`. */
export type TextOptions = string | Record<string, string>

/** How the pages of the gate look and speak. Three steps: these options, single texts, a stylesheet of your own. */
export interface PagesOptions {
  /** The site as its readers know it. Default: the name of its first host. */
  site?: SiteOptions
  /**
   * The languages of the pages, as language tags. The first is for readers who want none of them. English and German are built
   * in; any other needs `texts`, and what these lack is said in English. Default `['en', 'de']`.
   */
  languages?: string[]
  /** The main action and links, as `#rrggbb`; for readers who prefer a dark scheme `accentDark`. */
  colors?: { accent?: string; accentDark?: string }
  /** Texts in place of those built in, by language, group and key. */
  texts?: Record<string, Record<string, Record<string, string>>>
  /** The path of a stylesheet on this site, which comes after the built-in style. It has to be free. */
  stylesheet?: string
  /** Links at the end of each page: a path or URL, or one for each language. */
  legal?: { terms?: TextOptions; privacy?: TextOptions; imprint?: TextOptions }
}

/** The site as its readers know it. */
export interface SiteOptions {
  name: TextOptions
  /** A path or URL. Default `/`. */
  home?: string
  /** An image on this site, shown in place of the name, 32 px high. Its path has to be free. */
  logo?: { path: string; alt: TextOptions }
}

/** One thing on sale. A page and a problem document show the same facts of it. */
export interface OfferOptions {
  title: TextOptions
  description?: TextOptions
  /** The price; or several: the first is for all countries that no other names, and each other for those that it names. */
  price: OfferPriceOptions | OfferPriceOptions[]
  /** The entitlements that it gives. */
  grants?: string[]
  /** Given if it opens a page without an account: so many times, or for so long. */
  receipt?: { uses: number } | { seconds: number }
  /** The prepaid credit that it gives. */
  credit?: { amount: string; currency: string }
  /** True for the one that pages put first. */
  main?: true
  /** A note on tax, as `incl. VAT`. */
  tax?: TextOptions
}

/** A price: a decimal string and an ISO 4217 code. */
export interface OfferPriceOptions {
  amount: string
  currency: string
  /** The period after which it is paid again: `P1M`, `P1Y`, `P1W`. Left out for what is paid once. */
  every?: string
  /** The countries in which it is asked: ISO 3166-1 alpha-2. */
  countries?: string[]
}
