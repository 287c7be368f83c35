import type { NewsArticle } from '../article.ts'

export const baecker: NewsArticle = {
  id: 4,
  language: 'de',
  section: 'business',
  title: 'Der Bäcker, der nachts nicht mehr backt',
  standfirst:
    'Weil ihm die Lehrlinge ausgingen, hat ein Bäcker in der Speicherstraße den Arbeitstag auf acht Uhr morgens verlegt. Verkauft wird erst ab Mittag, und die Schlange reicht bis zur Brücke.',
  author: 'Henrike Ostermann',
  published: new Date('2026-09-29T04:30:00Z'),
  minutes: 4,
  picture: {
    name: 'bread',
    alt: 'Holzschnitt eines runden Brotlaibs mit Ähren, von dem Dampf aufsteigt',
    caption: 'Ab zwölf Uhr warm: Der Roggenlaib ist meist nach vierzig Minuten ausverkauft.',
  },
  opening: [
    'Um drei Uhr früh brannte in der Speicherstraße 28 Jahre lang Licht. Seit dem Frühjahr ist es dort nachts so dunkel wie überall, und Arne Dierksen schläft zum ersten Mal in seinem Berufsleben länger als seine Kinder.',
    'Der Entschluss fiel, als sich auf die dritte Anzeige für eine Lehrstelle niemand mehr meldete. „Ich habe mich gefragt, ob ich den Beruf selbst noch einmal lernen würde“, sagt der Bäcker. „Die Antwort war: tagsüber schon.“',
  ],
  rest: [
    'Also drehte er den Betrieb um. Der Teig, den früher die Nacht zur Eile zwang, ruht jetzt in der Kühlung, bis um acht die Gesellen kommen. Um halb zwölf zieht Dierksen das erste Blech, um zwölf öffnet der Laden. Frühstücksbrötchen gibt es nicht mehr.',
    { heading: 'Die Rechnung mit dem Mittag' },
    'Der Steuerberater riet ab. Ein Drittel des Umsatzes war vor neun Uhr über den Tresen gegangen, und niemand konnte sagen, wie viele dieser Kunden ein Brot auch noch zu Mittag kaufen würden. Nach fünf Monaten liegt die Antwort vor: Der Umsatz ist um sieben Prozent gesunken, die Kosten sind um neunzehn gefallen.',
    'Weggefallen sind die Nachtzuschläge, die Hälfte der Heizkosten und ein Posten, den Dierksen früher nie aufgeschrieben hatte: die Ware, die abends in die Tonne ging. Wer mittags backt, weiß am Nachmittag, was morgen gebraucht wird.',
    {
      quote: 'Warmes Brot am Morgen war ein Versprechen, das immer ein anderer mit seinem Schlaf bezahlt hat.',
      by: 'Arne Dierksen, Bäcker',
    },
    { heading: 'Drei Bewerbungen in einer Woche' },
    'Auf die vierte Anzeige, in der die Arbeitszeit fett gedruckt stand, kamen drei Bewerbungen in einer Woche. Eine davon schrieb Selma Toprak, die heute die Sauerteige führt und nachmittags Fußball spielt. Im alten Takt, sagt sie, hätte sie sich zwischen beidem entscheiden müssen.',
    'Die Innung beobachtet den Versuch mit Wohlwollen und einer gewissen Unruhe. Wenn es in Sundby geht, so fragt ihr Rundbrief, warum dann nicht auch anderswo? Dierksen hat darauf keine Antwort. Er hat inzwischen allerdings einen Mittagsschlaf, und den möchte er ungern wieder hergeben.',
  ],
}
