import type { TripWords } from './en.ts'

/** German. */
export const tripWordsDe: TripWords = {
  trips: {
    back: 'Zurück zur Seite',
    home: 'Zur Startseite',
    again: 'Noch einmal versuchen',
    signIn: 'Anmelden',
    reference: 'Referenz:',
    moment: 'Einen Augenblick, bitte',
    busy: 'Gerade sind hier sehr viele Leser. Nichts ist verloren. Bitte versuchen Sie es gleich noch einmal.',
    ahead: 'Öffnen Sie diese Seite, um fortzufahren',
    open: 'Seite öffnen',
    exposed: 'Weiter über eine sichere Verbindung',
    exposedText: 'Diese Seite wurde unverschlüsselt geöffnet. Es ist nichts geschehen.',
    elsewhere: 'Bitte beginnen Sie auf dieser Website',
    elsewhereText: 'Dies kam von einer anderen Website. Es ist nichts geschehen.',
    broken: 'Hier ist etwas kaputt',
    brokenText:
      'Der Fehler liegt bei uns, und nichts, was Sie bezahlt haben, ist verloren. Bitte versuchen Sie es in ein paar Minuten noch einmal.',
  },
  'sign-in': {
    heading: 'Wie möchten Sie sich anmelden?',
    with: 'Anmelden mit {name}',
    click: 'Weiter zur Anmeldung',
    button: 'Anmelden',
    none: 'Hier gibt es keine Anmeldung',
    silent: 'Die Anmeldung antwortet gerade nicht. Nichts ist verloren. Bitte versuchen Sie es gleich noch einmal.',
    failed: 'Sie sind nicht angemeldet',
  },
  checkout: {
    heading: 'Was möchten Sie kaufen?',
    click: 'Weiter zum Kauf',
    button: 'Zur Kasse',
    bought: 'Haben Sie schon gekauft?',
    see: 'Angebote ansehen',
    none: 'Hier gibt es nichts zu kaufen',
    silent: 'Der Shop antwortet gerade nicht. Nichts ist verloren. Bitte versuchen Sie es gleich noch einmal.',
    failed: 'Das hat nicht geklappt',
    held: 'Wir prüfen diesen Kauf',
    heldText:
      'Viele Karten wurden dabei abgelehnt. Wenn Sie bezahlt haben, ist nichts verloren, und Sie müssen nicht noch einmal bezahlen.',
    heldUntil: 'Wenn wir nichts finden, endet die Prüfung von selbst am {until}. Öffnen Sie diese Seite dann wieder.',
    support: 'Schreiben Sie uns',
  },
  return: {
    signedIn: 'Sie sind angemeldet',
    bought: 'Vielen Dank',
    goOn: 'Weiter zu Ihrer Seite',
    waitingPayment: 'Wir warten auf Ihre Zahlung',
    waitingSignIn: 'Wir warten auf Ihre Anmeldung',
    waiting:
      'Die Bestätigung steht noch aus. Diese Seite fragt von selbst wieder nach und bringt Sie dann weiter. Sie müssen nichts tun.',
    check: 'Jetzt nachfragen',
    longPayment:
      'Es dauert länger als üblich, deshalb warten wir ohne Sie weiter. Nichts ist verloren, und Sie müssen nicht noch einmal kaufen: Kommen Sie innerhalb von drei Tagen mit diesem Browser auf Ihre Seite zurück, und wählen Sie „Noch einmal nachfragen“.',
    longSignIn:
      'Es dauert länger als üblich, deshalb warten wir ohne Sie weiter. Nichts ist verloren, und Sie müssen nicht neu beginnen: Kommen Sie innerhalb von drei Tagen mit diesem Browser auf Ihre Seite zurück, und wählen Sie „Noch einmal nachfragen“.',
    checkLater: 'Noch einmal nachfragen',
    stranger: 'Das lässt sich hier nicht abschließen',
    strangerText:
      'Diese Seite schließt eine Anmeldung oder einen Kauf ab. Der Vorgang ist schon abgeschlossen, oder er wurde in einem anderen Browser, in einem privaten Fenster oder vor mehr als drei Tagen begonnen. Es wurde nichts geändert.',
    strangerPaid:
      'Wenn Sie bezahlt haben, ist nichts verloren: Gehen Sie zu dem Browser zurück, in dem Sie bezahlt haben, und öffnen Sie die Seite dort.',
    strangerPaidOrSignIn:
      'Wenn Sie bezahlt haben, ist nichts verloren: Melden Sie sich an, oder gehen Sie zu dem Browser zurück, in dem Sie bezahlt haben, und öffnen Sie die Seite dort.',
    waitingNote: 'Wir warten noch auf Ihre Zahlung. Sie müssen nicht noch einmal kaufen.',
    waitingSignInNote: 'Wir warten noch auf Ihre Anmeldung.',
    begunNote:
      'Sie haben in diesem Browser einen Kauf begonnen. Wenn Sie schon bezahlt haben, fragen Sie noch einmal nach.',
  },
  portal: {
    heading: 'Ihre Käufe verwalten',
    goOn: 'Weiter',
    none: 'Melden Sie sich an, um Ihre Käufe zu verwalten',
    noneText: 'Diese Seite ist für alle, die angemeldet sind und hier etwas gekauft haben.',
  },
  'sign-out': {
    heading: 'Abmelden',
    button: 'Abmelden',
    everywhere: 'Auf allen Geräten abmelden',
    stay: 'Angemeldet bleiben',
    purchases: 'Was Sie ohne Konto gekauft haben, ist nur in diesem Browser gespeichert. Es wird ebenfalls entfernt.',
    unknown: 'Vielleicht sind Sie noch angemeldet',
    unknownText: 'Das hat gerade nicht geklappt. Bitte versuchen Sie es gleich noch einmal.',
    elsewhere: 'Bitte melden Sie sich auf dieser Website ab',
    elsewhereText: 'Nur eine Seite dieser Website meldet Sie ab. Sie sind noch angemeldet.',
  },
  'sign-in-code': {
    heading: 'Anmelden',
    text: 'Wir senden einen Code an die Adresse, mit der Sie gekauft haben.',
    email: 'E-Mail-Adresse',
    send: 'Code senden',
    noEmail: 'Das ist keine E-Mail-Adresse.',
    codeHeading: 'Geben Sie den Code aus Ihrer E-Mail ein',
    codeText:
      'Falls mit {email} etwas gekauft wurde, ist ein Code aus acht Zeichen dorthin unterwegs. Er gilt zehn Minuten und nur in diesem Browser. Geben Sie ihn niemandem weiter.',
    code: 'Code',
    button: 'Anmelden',
    another: 'Neuen Code senden oder andere Adresse verwenden',
    wrong: 'Das ist nicht der Code. Sehen Sie in der letzten E-Mail nach, die wir gesendet haben.',
    old: 'Der Code ist zu alt oder wurde in einem anderen Browser angefordert. Fordern Sie einen neuen an.',
    often: 'Dieser Code wurde zu oft versucht. Fordern Sie einen neuen an.',
    nobody: 'Mit dieser Adresse wurde nichts gekauft',
    nobodyText: 'Vielleicht haben Sie mit einer anderen gekauft.',
    otherAddress: 'Andere Adresse verwenden',
  },
}
