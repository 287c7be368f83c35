import type { NewsLanguage, Section } from './article.ts'

interface NewsWords {
  readonly locale: string
  readonly tagline: string
  readonly sections: Readonly<Record<Section, string>>
  readonly by: string
  readonly minutes: (count: number) => string
  readonly signIn: string
  readonly account: string
  readonly subscribe: string
  readonly other: { readonly href: string; readonly label: string; readonly language: NewsLanguage }
  readonly more: string
  readonly paid: string
  readonly about: string
  readonly legal: readonly (readonly [path: string, label: string])[]
  readonly navigation: string
  readonly skip: string
}

/** What the paper says around its articles. */
export const NEWS_WORDS: Readonly<Record<NewsLanguage, NewsWords>> = {
  en: {
    locale: 'en-GB',
    tagline: 'News of the harbour town, twice as long as necessary since 1871',
    sections: {
      city: 'City',
      business: 'Business',
      science: 'Science',
      culture: 'Culture',
      investigations: 'Investigations',
    },
    by: 'By',
    minutes: (count) => `${count} min read`,
    signIn: 'Sign in',
    account: 'Account',
    subscribe: 'Subscribe',
    other: { href: '/de', label: 'Deutsch', language: 'de' },
    more: 'More from the paper',
    paid: 'For subscribers',
    about: 'About us',
    legal: [
      ['/free/terms', 'Terms'],
      ['/free/privacy', 'Privacy'],
      ['/free/imprint', 'Imprint'],
    ],
    navigation: 'Sections',
    skip: 'Skip to the content',
  },
  de: {
    locale: 'de-DE',
    tagline: 'Nachrichten aus der Hafenstadt, seit 1871 doppelt so lang wie nötig',
    sections: {
      city: 'Stadt',
      business: 'Wirtschaft',
      science: 'Wissen',
      culture: 'Kultur',
      investigations: 'Recherche',
    },
    by: 'Von',
    minutes: (count) => `${count} Min. Lesezeit`,
    signIn: 'Anmelden',
    account: 'Konto',
    subscribe: 'Abonnieren',
    other: { href: '/', label: 'English', language: 'en' },
    more: 'Mehr aus der Zeitung',
    paid: 'Für Abonnenten',
    about: 'Über uns',
    legal: [
      ['/free/terms', 'AGB'],
      ['/free/privacy', 'Datenschutz'],
      ['/free/imprint', 'Impressum'],
    ],
    navigation: 'Ressorts',
    skip: 'Zum Inhalt springen',
  },
}

export function dayOf(date: Date, language: NewsLanguage): string {
  return new Intl.DateTimeFormat(NEWS_WORDS[language].locale, { dateStyle: 'long', timeZone: 'UTC' }).format(date)
}
