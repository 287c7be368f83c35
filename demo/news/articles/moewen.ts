import type { NewsArticle } from '../article.ts'

export const moewen: NewsArticle = {
  id: 6,
  language: 'de',
  section: 'science',
  title: 'Warum die Möwen aufs Land ziehen',
  standfirst:
    'Auf den Dächern von Sundby brüten so wenige Silbermöwen wie seit Jahrzehnten nicht. Fünfzig Sender zeigen, wohin sie gezogen sind: zum Acker, und zwar nach Fahrplan.',
  author: 'Joris Wiebold',
  published: new Date('2026-09-25T05:15:00Z'),
  minutes: 5,
  picture: {
    name: 'gulls',
    alt: 'Möwen als weiße Linien über einer Höhenlinienkarte der Küste',
    caption: 'Jede Linie ist ein Morgen: Flugwege von acht Vögeln in der ersten Juniwoche.',
  },
  opening: [
    'Die Beschwerden über gestohlene Fischbrötchen sind auf den Stand von 1998 gesunken, und das Ordnungsamt hält das für einen Erfolg seiner Schilder. Carla Reimers hält es für einen Umzug.',
    'Die Vogelkundlerin hat im Mai fünfzig Silbermöwen mit Sendern ausgestattet, die weniger wiegen als ein Brief. Seither weiß sie alle zehn Minuten, wo die Vögel sind, und sie sind nicht dort, wo man sie vermutet.',
  ],
  rest: [
    'Zwei Drittel der Tiere verlassen die Stadt noch vor Sonnenaufgang. Sie fliegen elf Kilometer landeinwärts, zu den Feldern hinter Altmoor, und kommen dort an, wenn die Bauern die Motoren anlassen. Wo gepflügt wird, liegen Würmer frei. Am Wochenende, wenn niemand pflügt, bleiben die Möwen sitzen.',
    { heading: 'Vögel, die die Wochentage kennen' },
    'Dass Tiere sich nach menschlichen Zeiten richten, ist bekannt. Neu ist, wie genau. Als ein Hof die Arbeit wegen Regens um zwei Tage verschob, kamen am ersten Tag noch alle Vögel, am zweiten keiner mehr. Am dritten, als wieder gefahren wurde, saß eine einzige Möwe auf dem Zaun. Eine Stunde später waren es hundertzwanzig.',
    'Reimers vermutet, dass einzelne Tiere als Kundschafter vorausfliegen und die anderen deren Rückkehr beobachten. Beweisen lässt sich das erst, wenn im nächsten Jahr auch die Höhe der Flüge gemessen wird. Wer etwas gefunden hat, so die Annahme, fliegt niedriger.',
    { heading: 'Was der Hafen verloren hat' },
    'Der Grund für den Umzug liegt am Kai. Seit die Fischhalle ihre Abfälle in geschlossenen Behältern abholen lässt, fehlt den Möwen die Hälfte dessen, wovon sie früher lebten. Die Brötchen der Touristen waren nie mehr als ein Nachtisch.',
    'Für die Bauern ist die neue Kundschaft ein Gewinn: Eine Möwe frisst am Tag bis zu hundert Schnakenlarven. Für die Dachdecker von Sundby ist sie ein Verlust. Nester zu entfernen, war ihnen acht Monate im Jahr verboten, in den übrigen vier aber ein gutes Geschäft.',
    'Die Sender halten noch bis zum Frühjahr. Dann wird sich zeigen, ob die Vögel auch zum Brüten aufs Land gehen. Reimers hat auf dem Dach ihres Instituts eine Kiste mit Kies aufgestellt, nur zur Sicherheit, und bislang ist sie leer.',
  ],
}
