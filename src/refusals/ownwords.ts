const en = {
  own: {
    nothing: 'There is nothing here',
    nothingText: 'Perhaps the address has a typing error.',
    signIn: 'Please sign in',
    signInText: 'This page shows your own things, so it has to know who you are.',
    forbidden: 'This cannot be done from here',
    forbiddenText: 'Nothing was done. Please begin on a page of this site.',
    notThisWay: 'This page cannot be opened like this',
    notThisWayText: 'It is made for a button of another page. Nothing was done.',
    failed: 'This did not work',
    failedText: 'Nothing was done. Please go back to the page and try again.',
    later: 'One moment, please',
    laterText: 'This did not work just now. Please try again in a moment.',
    home: 'Go to the home page',
    'sign-in': 'Sign in',
    account: 'Your account',
    support: 'Contact support',
    reference: 'If you write to us, please give this reference:',
  },
}

/** What the gate's own pages say if there is nothing else to say. */
export type OwnWords = typeof en

const de: OwnWords = {
  own: {
    nothing: 'Hier gibt es nichts',
    nothingText: 'Vielleicht enthält die Adresse einen Tippfehler.',
    signIn: 'Bitte melden Sie sich an',
    signInText: 'Diese Seite zeigt, was Ihnen gehört. Deshalb muss sie wissen, wer Sie sind.',
    forbidden: 'Das geht von hier aus nicht',
    forbiddenText: 'Es ist nichts geschehen. Bitte beginnen Sie auf einer Seite dieser Website.',
    notThisWay: 'So lässt sich diese Seite nicht öffnen',
    notThisWayText: 'Sie gehört zu einer Schaltfläche auf einer anderen Seite. Es ist nichts geschehen.',
    failed: 'Das hat nicht geklappt',
    failedText: 'Es ist nichts geschehen. Bitte gehen Sie zurück zur Seite, und versuchen Sie es noch einmal.',
    later: 'Einen Augenblick, bitte',
    laterText: 'Das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal.',
    home: 'Zur Startseite',
    'sign-in': 'Anmelden',
    account: 'Ihr Konto',
    support: 'Hilfe anfragen',
    reference: 'Wenn Sie uns schreiben, nennen Sie bitte diese Referenz:',
  },
}

export const OWN_WORDS = { en, de }
