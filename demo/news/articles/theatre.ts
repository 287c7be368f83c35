import type { NewsArticle } from '../article.ts'

export const theatre: NewsArticle = {
  id: 5,
  language: 'en',
  section: 'culture',
  title: 'Forty seats and no curtain',
  standfirst:
    'The smallest theatre on the coast plays in a former net loft, sells out by word of mouth, and has never put on the same ending twice.',
  author: 'Jude Amankwa',
  published: new Date('2026-09-27T07:00:00Z'),
  minutes: 5,
  picture: {
    name: 'theatre',
    alt: 'Poster of circles, bars and a stage lamp in red, black, yellow and cream',
    caption: 'The season’s poster was printed by hand, in three colours, in the loft below the stage.',
  },
  opening: [
    'You climb a ladder to get in, and you are handed a lamp. There is no other light in the Net Loft, and the forty people who fit into it decide, by where they point their lamps, what the play is about.',
    'It sounds like a trick, and for ten minutes it is one. Then somebody forgets to be clever and looks at a face, others follow, and the evening finds its story.',
  ],
  rest: [
    'Dorothea Brink started the company with her redundancy pay from the cannery’s last office. She had directed nothing before but the emptying of a filing room. “You learn what people keep,” she says, “and in which order they let go.”',
    'The plays are written in full, but with more in them than can be seen. While two sisters quarrel downstage, their father mends a chair in the dark behind them, and whether you ever learn what he says depends on one person turning round. The actors play every scene as though it were watched.',
    { heading: 'Nobody sees the whole of it' },
    'Regulars come four or five times to the same production, and still compare notes on the stairs. A retired pilot keeps a map of the stage with the places he has missed. He has offered it for sale, as a joke, and been refused, as a courtesy.',
    'The economics are as bare as the room. Forty seats at fourteen, five nights a week, pay for six people and a heater. The town has twice offered a larger hall. Brink went to look at it, clapped once in the middle of the stage, listened to the echo, and thanked them.',
    {
      quote: 'In a big house you buy a view. Here you are asked for one.',
      by: 'Dorothea Brink, director',
    },
    { heading: 'An ending on request' },
    'The last scene of the present play exists in three versions. Which of them is given follows from a prop that the audience has or has not lit in the first act, and the company swears that it does not steer. In thirty performances, the happy ending has come up four times.',
    'On the night of our visit it did not. A woman in the second row kept her lamp on the empty chair until long after the actors had gone, and nobody in the loft moved until she had switched it off.',
  ],
}
