import type { BuiltInWords } from '../pages/words.ts'

const en = {
  confirm: {
    heading: 'Open this page for {price}?',
    text: 'Opening this page takes {price} from your credit. You have {balance}; {rest} are left afterwards.',
    button: 'Pay {price} and open',
    note: 'Nothing has been charged. Once paid, it opens again at no cost for five minutes.',
    useHeading: 'Open this page with what you bought?',
    useText: 'This opens with what you bought: it uses {one} of {uses}, and you have {left} left.',
    useButton: 'Use one and open',
    useNote: 'Nothing has been used yet. Once opened, it opens again at no cost for five minutes.',
  },
}

/** What the page says that asks whether a price is to be paid. */
export type ConfirmWords = typeof en

const de: ConfirmWords = {
  confirm: {
    heading: 'Diese Seite für {price} öffnen?',
    text: 'Diese Seite zu öffnen kostet {price} von Ihrem Guthaben. Sie haben {balance}; danach sind es noch {rest}.',
    button: '{price} zahlen und öffnen',
    note: 'Es wurde noch nichts berechnet. Einmal bezahlt, öffnet sie sich fünf Minuten lang ohne weitere Kosten.',
    useHeading: 'Diese Seite mit Ihrem Kauf öffnen?',
    useText:
      'Diese Seite öffnet sich mit dem, was Sie gekauft haben: Das verbraucht {one} von {uses}, und Sie haben noch {left}.',
    useButton: 'Eines verwenden und öffnen',
    useNote: 'Es wurde noch nichts verbraucht. Einmal geöffnet, öffnet sie sich fünf Minuten lang ohne weitere Kosten.',
  },
}

export const CONFIRM_WORDS: BuiltInWords<ConfirmWords> = { en, de }
