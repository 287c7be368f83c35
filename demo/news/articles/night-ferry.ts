import type { NewsArticle } from '../article.ts'

export const nightFerry: NewsArticle = {
  id: 1,
  language: 'en',
  section: 'city',
  title: 'The night ferry is coming back',
  standfirst:
    'Eight years after the last late crossing, Sundby will again be joined to its islands after dark. The boat is old, the engine is new, and the timetable fits on a beer mat.',
  author: 'Marit Holmgard',
  published: new Date('2026-10-01T05:30:00Z'),
  minutes: 5,
  picture: {
    name: 'ferry',
    alt: 'Drawing of a lit ferry crossing a dark harbour under a full moon',
    caption: 'The “Anna Lund”, built in 1961, will leave Pier 4 at ten past midnight.',
  },
  opening: [
    'At ten past midnight on Friday, a boat that most people in Sundby had given up for scrap will cast off from Pier 4, turn her bow toward the islands, and restore something that the town lost almost without noticing: the end of the evening.',
    'Since the late crossing was cancelled, anyone from Vesterø who wanted to see a film, play in an orchestra or work a shift behind a bar has had to leave by a quarter to nine or sleep on a friend’s sofa. There are, by the count of the parish, eleven such sofas.',
  ],
  rest: [
    'The “Anna Lund” was meant to be a museum. Her hull had been bought for one crown by a club of retired shipwrights, who spent four winters replacing her ribs and then discovered that no museum would have her. What they had instead was a sound boat of the right size.',
    { heading: 'An engine the size of a wardrobe' },
    'The diesel is gone. In its place stands a grey cabinet of batteries, charged from the same cable that feeds the cranes by day. A crossing uses about as much power as four households do in a week, and the cable would otherwise be idle at that hour.',
    '“People keep asking me when I will start the engine,” says Ingrid Vasby, who will be the boat’s captain on alternate nights. “I tell them it is already running. Then they stop talking and listen to the water.”',
    'The town council pays for the crew, a sum of 212,000 a year that passed by a single vote. The deciding hand belonged to a member who had spoken against it for an hour, and who explained afterwards that he had convinced himself of the opposite.',
    { heading: 'Who will ride' },
    'Nobody knows how many passengers there will be. The last survey was made when the islands had a cinema. The shipping office has printed a timetable with three departures, and left the reverse side blank for corrections.',
    {
      quote: 'A town ends where its last boat turns round. We have just moved the edge by six miles.',
      by: 'Ingrid Vasby, captain',
    },
    'The fare will be the same as by day. That was the one point on which the whole council agreed, since a fare that rises after dark would have to be explained to the nurses.',
    'On the trial run last week there were nine people aboard, five of them shipwrights. Halfway across, the youngest deckhand switched off the saloon lights to show them the phosphorescence along the hull. It was, one of them said, the first time in eight years that he had been out too late on purpose.',
  ],
}
