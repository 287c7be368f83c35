import type { RefusalWords } from './en.ts'

const SIGN_IN_AGAIN = {
  heading: 'Bitte melden Sie sich neu an',
  text: 'Ihre Anmeldung auf diesem Gerät gilt nicht mehr. Es wurde nichts berechnet.',
}
const UNKNOWN = {
  heading: 'Wir können Ihren Zugang gerade nicht prüfen',
  text: 'Der Fehler liegt bei uns, nicht bei Ihnen. Es wurde nichts berechnet, und nichts ist verloren.',
}
const NO_ANSWER = {
  heading: 'Die Website antwortet nicht',
  text: 'Die Seite konnte nicht geladen werden. Es wurde nichts berechnet.',
}

/** German. */
export const refusalWordsDe: RefusalWords = {
  'payment-required': {
    heading: 'Weiterlesen mit {offer}',
    article: 'Dieser Artikel ist für Abonnenten.',
    page: 'Diese Seite ist für Abonnenten.',
    pricedArticle: 'Dieser Artikel kostet {price}.',
    pricedPage: 'Diese Seite kostet {price}.',
    pricedAlone: 'Einzeln kostet es {price}.',
    unpricedArticle: 'Dieser Artikel ist für Leser, die dafür bezahlen.',
    unpricedPage: 'Diese Seite ist für Leser, die dafür bezahlen.',
    viewsOfArticles: 'Sie haben {quota} von {quota} freien Artikeln gelesen. Neue gibt es ab dem {resets}.',
    views: 'Sie haben {quota} von {quota} freien Seiten gelesen. Neue gibt es ab dem {resets}.',
    reopenHeading: 'Noch ein Klick',
    reopen:
      'Sie kommen von einer anderen Website, deshalb wurde noch nichts gezählt. Öffnen Sie die Seite, um sie zu lesen.',
    reopenOften:
      'Sie haben dies so oft geöffnet, wie eine Zahlung erlaubt. Öffnen Sie es noch einmal, um fortzufahren.',
  },
  'credential-malformed': SIGN_IN_AGAIN,
  'credential-ambiguous': SIGN_IN_AGAIN,
  'credential-invalid': SIGN_IN_AGAIN,
  'credential-not-yet-valid': {
    heading: 'Einen Augenblick',
    text: 'Ihr Zugang beginnt am {from}. Es wurde nichts berechnet.',
    textAlone: 'Ihr Zugang hat noch nicht begonnen. Es wurde nichts berechnet.',
  },
  'credential-expired': {
    heading: 'Bitte melden Sie sich neu an',
    text: 'Ihr Zugang auf diesem Gerät endete am {until}. Es wurde nichts berechnet.',
    textAlone: 'Ihr Zugang auf diesem Gerät ist beendet. Es wurde nichts berechnet.',
    payment: 'Verlängern',
  },
  'subscription-inactive': {
    heading: 'Ihr Abonnement ist beendet',
    text: 'Abonnieren Sie wieder, um weiterzulesen.',
    payment: 'Wieder abonnieren',
  },
  'payment-declined': {
    heading: 'Ihre letzte Zahlung kam nicht an',
    text: 'Sobald Ihre Zahlung geklärt ist, können Sie weiterlesen.',
    portal: 'Zahlung aktualisieren',
    headingOfPayment: 'Ihre Zahlung kam nicht an',
    textOfPayment: 'Es wurde nichts berechnet. Versuchen Sie es noch einmal, oder zahlen Sie auf andere Weise.',
  },
  'credit-insufficient': {
    heading: 'Ihr Guthaben reicht dafür nicht',
    text: 'Sie haben {balance}, und dies kostet {price}. Es wurde nichts berechnet.',
    textAlone: 'Es wurde nichts berechnet. Laden Sie Guthaben auf, um fortzufahren.',
    left: 'Sie haben {balance}. Es wurde nichts berechnet.',
    debt: 'Sie schulden {debt}; Ihre nächste Zahlung gleicht das zuerst aus.',
    payment: 'Guthaben aufladen',
    portal: 'Im Konto aufladen',
  },
  'usage-limit-reached': {
    heading: 'Sie haben {used} von {quota} {unit} verbraucht',
    headingAlone: 'Ihr Tarif ist vorerst aufgebraucht',
    text: 'Weiter geht es ab {resets}, in {wait}. Es wurde nichts berechnet.',
    textAlone: 'Es wurde nichts berechnet.',
    payment: 'Tarif erweitern',
    portal: 'Tarif ändern',
  },
  'too-many-requests': {
    heading: 'Einen Augenblick, bitte',
    text: 'In kurzer Zeit wurde zu viel geöffnet. Es wurde nichts berechnet.',
  },
  'entitlement-insufficient': {
    heading: 'Dies gehört zu {offer}',
    headingAlone: 'Ihr Tarif enthält dies nicht',
    text: 'Ihr Tarif „{plan}“ enthält es nicht. Es wurde nichts berechnet.',
    textAlone: 'Was Sie gekauft haben, enthält es nicht. Es wurde nichts berechnet.',
    payment: 'Tarif erweitern',
    portal: 'Tarif ändern',
  },
  'payment-spent': {
    heading: 'Diese Zahlung ist verbraucht',
    text: 'Jede Zahlung öffnet, wofür sie geleistet wurde, so oft wie vereinbart. Es wurde nichts noch einmal berechnet.',
    payment: 'Noch einmal kaufen',
  },
  'payment-insufficient': {
    heading: 'Ihre Zahlung gilt für etwas anderes',
    text: 'Sie war für {resource}. Es wurde nichts berechnet.',
    textAlone: 'Sie öffnet diese Seite nicht. Es wurde nichts berechnet.',
    payment: 'Dies kaufen',
  },
  'security-hold': {
    heading: 'Wir prüfen dieses Konto',
    text: 'Etwas Ungewöhnliches ist aufgefallen. Ihr Geld ist sicher, und Sie müssen nichts kaufen. Wenn wir nichts finden, endet die Prüfung von selbst am {until}. Wenn Sie Fragen haben, nennen Sie uns bitte die Referenz unten.',
    textAlone:
      'Jemand sieht es sich an. Ihr Geld ist sicher, und Sie müssen nichts kaufen. Wenn Sie Fragen haben, nennen Sie uns bitte die Referenz unten.',
  },
  'not-found': {
    heading: 'Diese Seite gibt es nicht',
    text: 'Vielleicht wurde sie verschoben oder entfernt. Zu bezahlen ist nichts.',
  },
  'not-for-sale': {
    heading: 'Diese Seite ist nicht verkäuflich',
    text: 'Nichts, was Sie hier kaufen können, öffnet sie.',
  },
  'origin-not-allowed': {
    heading: 'Eine andere Website darf das nicht',
    text: 'Eine Seite einer anderen Website hat diese Anfrage gesendet. Es wurde nichts berechnet.',
  },
  'model-not-found': {
    heading: 'Dieses Modell gibt es hier nicht',
    text: 'Das angefragte Modell wird hier nicht verkauft.',
  },
  'idempotency-conflict': {
    heading: 'Das wurde schon gesendet',
    text: 'Dieselbe Anfrage wurde bereits gesendet. Es wurde nichts ein zweites Mal berechnet.',
  },
  'method-not-allowed': {
    heading: 'Das geht hier nicht',
    text: 'Es wurde nichts geändert und nichts berechnet.',
  },
  'request-malformed': {
    heading: 'Das kam nicht vollständig an',
    text: 'Was gesendet wurde, konnte nicht gelesen werden. Es wurde nichts berechnet.',
  },
  'request-timeout': {
    heading: 'Das hat zu lange gedauert',
    text: 'Was gesendet wurde, kam nicht rechtzeitig an. Es wurde nichts berechnet.',
  },
  'content-too-large': {
    heading: 'Das ist zu groß',
    text: 'Es wurde mehr gesendet, als hier angenommen wird. Es wurde nichts berechnet.',
  },
  'content-encoding-unsupported': {
    heading: 'Das kann hier nicht gelesen werden',
    text: 'Was gesendet wurde, ist auf eine Weise komprimiert, die hier nicht gelesen wird. Es wurde nichts berechnet.',
  },
  'target-ambiguous': {
    heading: 'Bitte prüfen Sie die Adresse',
    text: 'Sie lässt sich auf mehr als eine Weise lesen.',
  },
  'host-unknown': { heading: 'Diese Website gibt es hier nicht', text: 'Bitte prüfen Sie die Adresse.' },
  'prefetch-declined': {
    heading: 'Öffnen Sie die Seite, um sie zu lesen',
    text: 'Ihr Browser hat sie im Voraus geladen. Es wurde nichts berechnet.',
  },
  'temporarily-closed': {
    heading: 'Dies ist vorübergehend geschlossen',
    text: 'Es kommt wieder. Es wurde nichts berechnet.',
  },
  overloaded: {
    heading: 'Einen Augenblick, bitte',
    text: 'Gerade lesen hier sehr viele. Es wurde nichts berechnet.',
  },
  'keys-unavailable': UNKNOWN,
  'standing-unavailable': UNKNOWN,
  'ledger-unavailable': UNKNOWN,
  'payments-unavailable': {
    heading: 'Wir können gerade keine Zahlungen annehmen',
    text: 'Der Fehler liegt bei uns, nicht bei Ihnen. Es wurde nichts berechnet.',
  },
  'settlement-unknown': {
    heading: 'Wir wissen noch nicht, ob Ihre Zahlung ankam',
    text: 'Bitte zahlen Sie nicht noch einmal. Wir fragen erneut nach, sobald Sie diese Seite wieder öffnen.',
  },
  misconfigured: {
    heading: 'Diese Seite ist noch nicht fertig',
    text: 'Hier ist etwas nicht richtig eingerichtet. Es wurde nichts berechnet.',
  },
  'origin-unreachable': NO_ANSWER,
  'origin-timeout': NO_ANSWER,
  'internal-error': {
    heading: 'Hier ist etwas schiefgegangen',
    text: 'Der Fehler liegt bei uns, nicht bei Ihnen. Es wurde nichts berechnet.',
  },
  offers: {
    every: 'pro {period}',
    renews: 'Verlängert sich von selbst, mit Abrechnung pro {period}.',
    renewsUntilCancelled:
      'Verlängert sich von selbst, mit Abrechnung pro {period}, bis Sie kündigen: jederzeit in Ihrem Konto.',
    once: 'Einmalige Zahlung. Nichts verlängert sich.',
    subscribe: 'Abonnieren',
    buy: 'Kaufen',
  },
  actions: {
    payment: 'Zugang kaufen',
    'sign-in': 'Anmelden',
    portal: 'Abonnement verwalten',
    account: 'Ihr Konto',
    support: 'Hilfe anfragen',
    help: 'Was bedeutet das?',
    home: 'Zur Startseite',
    again: 'Jetzt noch einmal versuchen',
    open: 'Seite öffnen',
    status: 'Noch einmal nachfragen',
  },
  notes: {
    signIn: 'Haben Sie schon gekauft?',
    comeBack: 'Danach kommen Sie zu dieser Seite zurück.',
    tryingAgain: 'Diese Seite versucht es von selbst noch einmal.',
    reference: 'Wenn Sie uns schreiben, nennen Sie bitte diese Referenz:',
  },
  units: { requests: 'Seitenaufruf|Seitenaufrufen' },
}
