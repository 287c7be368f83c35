import type { BuiltInWords, Words } from '../pages/words.ts'

const en = {
  'my-feeds': {
    title: 'Your feeds',
    intro: 'A feed has an address of its own. Whoever has the address can read along, so share it with nobody.',
    none: 'You have no feeds yet.',
    made: 'The address of your feed. Copy it into your app now: it is shown only once.',
    address: 'Address',
    used: 'Last used: {day}',
    unused: 'Not used yet',
    off: 'Switched off',
    rotate: 'Replace the address',
    rotateNote: 'Once it is replaced, the old address stops at once.',
    remove: 'Remove',
    make: 'Make a feed',
    name: 'Name, such as the app or device',
    page: 'Page of the feed',
    create: 'Make the feed',
    account: 'Your account',
    badOrder: 'There is no feed at this page. Please check it.',
    tooMany: 'You have as many feeds as an account may have. Remove one first.',
    gone: 'This feed is not there any more.',
    later: 'This did not work just now. Please try again in a moment.',
  },
} satisfies Words

/** The words of the page of feeds. */
export type FeedWords = typeof en

const de: FeedWords = {
  'my-feeds': {
    title: 'Ihre Feeds',
    intro: 'Ein Feed hat eine eigene Adresse. Wer sie hat, kann mitlesen: Geben Sie sie niemandem.',
    none: 'Sie haben noch keine Feeds.',
    made: 'Die Adresse Ihres Feeds. Kopieren Sie sie jetzt in Ihre App: Sie wird nur einmal gezeigt.',
    address: 'Adresse',
    used: 'Zuletzt benutzt: {day}',
    unused: 'Noch nicht benutzt',
    off: 'Abgeschaltet',
    rotate: 'Adresse ersetzen',
    rotateNote: 'Nach dem Ersetzen gilt die alte Adresse sofort nicht mehr.',
    remove: 'Entfernen',
    make: 'Feed anlegen',
    name: 'Name, etwa die App oder das Gerät',
    page: 'Seite des Feeds',
    create: 'Feed anlegen',
    account: 'Ihr Konto',
    badOrder: 'Auf dieser Seite gibt es keinen Feed. Bitte prüfen Sie sie.',
    tooMany: 'Sie haben so viele Feeds, wie ein Konto haben kann. Entfernen Sie zuerst einen.',
    gone: 'Diesen Feed gibt es nicht mehr.',
    later: 'Das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal.',
  },
}

export const FEED_WORDS: BuiltInWords<FeedWords> = { en, de }
