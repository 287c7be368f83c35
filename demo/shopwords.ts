export type ShopLanguage = 'en' | 'de'

interface ShopWords {
  readonly locale: string
  readonly signIn: string
  readonly anyName: string
  readonly hasPremium: string
  readonly account: string
  readonly checkout: string
  readonly newAccount: string
  readonly byCard: string
  readonly byBank: (seconds: number) => string
  readonly nobodyPays: string
  readonly once: string
  readonly renews: string
  readonly paidOnce: string
  /** By the period of ISO 8601. */
  readonly every: Readonly<Record<string, string>>
  readonly turnBack: string
  readonly yourAccount: string
  readonly notPaid: string
  readonly nothing: string
  readonly forPrograms: string
  readonly programs: string
  readonly signOut: string
  readonly portal: string
  readonly portalText: string
}

/** What billing's pages say. */
export const SHOP_WORDS: Readonly<Record<ShopLanguage, ShopWords>> = {
  en: {
    locale: 'en',
    signIn: 'Sign in',
    anyName: 'Any name will do: this demo asks for no password.',
    hasPremium: 'has a Premium subscription.',
    account: 'Account',
    checkout: 'Checkout',
    newAccount: 'Empty makes a new one.',
    byCard: 'Pay by card',
    byBank: (seconds) => `Pay by slow bank transfer (${seconds} s)`,
    nobodyPays: 'In this demo nobody pays.',
    once: 'once',
    renews: 'Renews until you cancel: at any time, in your account.',
    paidOnce: 'Paid once. Nothing renews.',
    every: { P1M: 'per month', P1Y: 'per year' },
    turnBack: 'Turn back',
    yourAccount: 'Your account',
    notPaid: 'not paid yet',
    nothing: 'Nothing bought yet',
    forPrograms: 'For programs',
    programs: 'A browser needs no more than to sign in at the paper. A program sends a token with each request:',
    signOut: 'Sign out',
    portal: 'Plans and payment',
    portalText: 'Here one would change a card or cancel. In this demo nobody pays, and nothing is renewed.',
  },
  de: {
    locale: 'de-DE',
    signIn: 'Anmelden',
    anyName: 'Jeder Name geht: Diese Demo verlangt kein Passwort.',
    hasPremium: 'hat ein Premium-Abo.',
    account: 'Konto',
    checkout: 'Kasse',
    newAccount: 'Leer gelassen, entsteht ein neues.',
    byCard: 'Mit Karte zahlen',
    byBank: (seconds) => `Mit langsamer Überweisung zahlen (${seconds} s)`,
    nobodyPays: 'In dieser Demo zahlt niemand.',
    once: 'einmalig',
    renews: 'Verlängert sich, bis Sie kündigen: jederzeit, in Ihrem Konto.',
    paidOnce: 'Einmalige Zahlung. Nichts verlängert sich.',
    every: { P1M: 'pro Monat', P1Y: 'pro Jahr' },
    turnBack: 'Zurück',
    yourAccount: 'Ihr Konto',
    notPaid: 'noch nicht bezahlt',
    nothing: 'Noch nichts gekauft',
    forPrograms: 'Für Programme',
    programs: 'Ein Browser muss sich nur bei der Zeitung anmelden. Ein Programm schickt mit jeder Anfrage ein Token:',
    signOut: 'Abmelden',
    portal: 'Abo und Zahlung',
    portalText:
      'Hier würde man die Karte wechseln oder kündigen. In dieser Demo zahlt niemand, und nichts verlängert sich.',
  },
}
