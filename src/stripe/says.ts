/** What buyers are told if a purchase did not work, in the languages that are built in. */
export const STRIPE_SAYS = {
  noOffer: { en: 'There is no such offer here.', de: 'Dieses Angebot gibt es hier nicht.' },
  notSoldSingly: { en: 'This page is not sold by itself.', de: 'Diese Seite wird nicht einzeln verkauft.' },
  notSoldNow: {
    en: 'This cannot be sold at the moment. Nothing was charged.',
    de: 'Das kann gerade nicht verkauft werden. Es wurde nichts berechnet.',
  },
  silent: {
    en: 'Stripe does not answer. Nothing was charged; try again in a moment.',
    de: 'Stripe antwortet nicht. Es wurde nichts berechnet; versuchen Sie es gleich noch einmal.',
  },
  silentAfter: {
    en: 'Stripe does not answer. If you paid, nothing is lost: try again in a moment.',
    de: 'Stripe antwortet nicht. Wenn Sie bezahlt haben, ist nichts verloren: Versuchen Sie es gleich noch einmal.',
  },
  unknown: {
    en: 'Stripe does not know of this purchase.',
    de: 'Stripe kennt diesen Kauf nicht.',
  },
  strange: {
    en: 'What Stripe says of this purchase is not what was begun here. If you paid, write to us.',
    de: 'Was Stripe zu diesem Kauf sagt, passt nicht zu dem, was hier begonnen wurde. Wenn Sie bezahlt haben, schreiben Sie uns.',
  },
  noCustomer: {
    en: 'Stripe names no customer of this purchase. Write to us.',
    de: 'Stripe nennt zu diesem Kauf keinen Kunden. Schreiben Sie uns.',
  },
  noPortal: {
    en: 'Stripe has no page for this account. Write to us.',
    de: 'Stripe hat für dieses Konto keine Seite. Schreiben Sie uns.',
  },
  boughtForAnother: {
    en: 'This was bought for the account that was signed in when you began. It is paid. Sign in to that account to use it.',
    de: 'Dies wurde für das Konto gekauft, das zu Beginn angemeldet war. Es ist bezahlt. Melden Sie sich mit diesem Konto an, um es zu nutzen.',
  },
} as const
