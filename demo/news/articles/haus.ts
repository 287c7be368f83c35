import type { NewsArticle } from '../article.ts'

export const haus: NewsArticle = {
  id: 8,
  language: 'de',
  section: 'city',
  title: 'Das Haus, das niemand bauen wollte',
  standfirst:
    'Siebzehn Parteien, ein Grundstück am Deich und kein Bauträger: Wie eine Gruppe von Nachbarn in Sundby ohne jede Erfahrung ein Haus errichtet hat, das günstiger ist als alle anderen.',
  author: 'Henrike Ostermann',
  published: new Date('2026-09-24T04:30:00Z'),
  minutes: 7,
  picture: {
    name: 'blocks',
    alt: 'Isometrische Zeichnung eines Wohnhauses aus gestapelten farbigen Quadern mit Dachgarten',
    caption: 'Jede Wohnung ist gleich breit. Über die Tiefe hat die Gruppe ein Jahr lang gestritten.',
  },
  opening: [
    'Am Anfang stand ein Aushang im Waschsalon: „Suchen sechzehn Leute, die auch nicht wissen, wie man baut.“ Es meldeten sich vierzig. Siebzehn Parteien wohnen heute am Deich, und das Haus ist bezahlt.',
    'Zwölfhundert Euro weniger je Quadratmeter als der Neubau nebenan hat es gekostet. Wo das Geld geblieben ist, das hier nicht ausgegeben wurde, lässt sich in einem Ordner nachlesen, den die Gruppe jedem leiht, der fragt.',
  ],
  rest: [
    'Der größte Posten ist der, den es nicht gibt: der Gewinn des Bauträgers, in Sundby zuletzt ein Fünftel. Der zweitgrößte ist der Keller. Er fiel in der vierten Sitzung weg, nachdem jemand ausgerechnet hatte, dass ein Stellplatz unter der Erde so viel kostet wie eine Küche, ein Bad und eine Reise um die Welt.',
    { heading: 'Ein Jahr für zehn Zentimeter' },
    'Gestritten wurde viel, am längsten über die Tiefe der Wohnungen. Zehn Zentimeter mehr hätten jedem einen Schrank gebracht und allen den Blick vom Laubengang aufs Wasser genommen. Die Abstimmung ging neun zu acht aus. Wer verloren hatte, durfte die Farbe des Treppenhauses bestimmen. Es ist gelb.',
    'Eine Regel half durch alle Abende: Wer gegen etwas war, musste beim nächsten Mal einen eigenen Vorschlag mitbringen, mit Preis. „Dagegen sein kostet nichts“, sagt Mechthild Saaler, pensionierte Lehrerin und Buchhalterin der Gruppe. „Bis man es ausrechnen muss.“',
    {
      quote: 'Wir waren siebzehn Laien. Das war teuer in der Zeit und billig im Geld, und Zeit hatten wir.',
      by: 'Mechthild Saaler, Bewohnerin',
    },
    { heading: 'Was die Stadt daraus lernt' },
    'Das Grundstück gehört weiter der Stadt. Die Gruppe zahlt dafür eine Pacht, die sich nach den Mieten richtet und nicht nach dem Markt. Die Verwaltung hatte das Modell vor zwölf Jahren beschlossen und seither kein einziges Mal angewandt, weil niemand danach gefragt hatte.',
    'Inzwischen liegen sechs Anträge vor. Für einen davon sucht wieder jemand im Waschsalon nach Mitstreitern. Der Aushang verspricht nur noch zwölf Leute, die nicht wissen, wie man baut. Er nennt allerdings einen Ordner, in dem es steht.',
  ],
}
