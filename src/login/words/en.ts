/** English. */
export const tripWordsEn = {
  trips: {
    back: 'Go back to the page',
    home: 'Go to the home page',
    again: 'Try again',
    signIn: 'Sign in',
    reference: 'Reference:',
    moment: 'One moment, please',
    busy: 'Many readers are here right now. Nothing is lost. Please try again in a moment.',
    ahead: 'Open this page to go on',
    open: 'Open the page',
    exposed: 'Go on over a safe connection',
    exposedText: 'This page was opened without encryption. Nothing was done.',
    elsewhere: 'Please begin on this site',
    elsewhereText: 'This was sent by another site. Nothing was done.',
    broken: 'Something here is broken',
    brokenText: 'It is our fault, and nothing you have paid is lost. Please try again in a few minutes.',
  },
  'sign-in': {
    heading: 'Choose how to sign in',
    with: 'Sign in with {name}',
    click: 'Go on to sign in',
    button: 'Sign in',
    none: 'Nobody signs in here',
    silent: 'The sign-in does not answer right now. Nothing is lost. Please try again in a moment.',
    failed: 'You are not signed in',
  },
  checkout: {
    heading: 'Choose what to buy',
    click: 'Go on to buy',
    button: 'Go to the checkout',
    bought: 'Have you bought this already?',
    see: 'See what you can buy',
    none: 'There is nothing to buy here',
    silent: 'The shop does not answer right now. Nothing is lost. Please try again in a moment.',
    failed: 'This did not work',
  },
  return: {
    signedIn: 'You are signed in',
    bought: 'Thank you',
    goOn: 'Go on to your page',
    waitingPayment: 'We are waiting for your payment',
    waitingSignIn: 'We are waiting for your sign-in',
    waiting:
      'It has not been confirmed yet. This page asks again by itself, and then takes you on. You need not do anything.',
    check: 'Check again now',
    longPayment:
      'It takes longer than usual, so we go on without you. Nothing is lost, and you need not buy again: come back to your page with this browser within three days, and choose “Check again”.',
    longSignIn:
      'It takes longer than usual, so we go on without you. Nothing is lost, and you need not begin anew: come back to your page with this browser within three days, and choose “Check again”.',
    checkLater: 'Check again',
    stranger: 'This cannot be finished here',
    strangerText:
      'This page ends what you begin by signing in or buying. It was ended already, or it was begun in another browser or a private window, or longer than three days ago. Nothing was changed.',
    strangerPaid:
      'If you have paid, nothing is lost: go back to the browser in which you paid and open the page there.',
    strangerPaidOrSignIn:
      'If you have paid, nothing is lost: sign in, or go back to the browser in which you paid and open the page there.',
    waitingNote: 'We are still waiting for your payment. You need not buy again.',
    waitingSignInNote: 'We are still waiting for your sign-in.',
    begunNote: 'You have begun to buy with this browser. If you have paid already, check again.',
  },
  portal: {
    heading: 'Manage what you bought',
    goOn: 'Go on',
    none: 'Sign in to manage what you bought',
    noneText: 'This page is for whoever is signed in and has bought something here.',
  },
  'sign-out': {
    heading: 'Sign out',
    button: 'Sign out',
    everywhere: 'Sign out on all devices',
    stay: 'Stay signed in',
    purchases: 'What you bought without an account is kept in this browser alone. It is removed as well.',
    unknown: 'You may still be signed in',
    unknownText: 'This did not work just now. Please try again in a moment.',
    elsewhere: 'Sign out on this site',
    elsewhereText: 'Only a page of this site signs you out. You are still signed in.',
  },
  'sign-in-code': {
    heading: 'Sign in',
    text: 'We send a code to the address with which you bought.',
    email: 'Email',
    send: 'Send a code',
    noEmail: 'This is not an email address.',
    codeHeading: 'Type the code from your email',
    codeText:
      'If something was bought with {email}, a code of eight characters is on its way there. It is good for ten minutes, in this browser alone. Tell it to nobody.',
    code: 'Code',
    button: 'Sign in',
    another: 'Send another code, or use another address',
    wrong: 'This is not the code. Look at the last email that we sent.',
    old: 'The code is too old, or was asked for in another browser. Get a new one.',
    often: 'That code was tried too often. Get a new one.',
    nobody: 'Nothing was bought with this address',
    nobodyText: 'You may have bought with another one.',
    otherAddress: 'Use another address',
  },
}

/** The words of signing in and buying, in one language. */
export type TripWords = typeof tripWordsEn
