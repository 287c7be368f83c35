import type { NewsArticle } from '../article.ts'

export const sundayFare: NewsArticle = {
  id: 2,
  language: 'en',
  section: 'business',
  title: 'What a bus fare really costs',
  standfirst:
    'Sundby wants to stop selling tickets on Sundays. The surprise in the accounts is how little that would lose, and where the money goes today.',
  author: 'Tomas Ehrling',
  published: new Date('2026-09-30T05:00:00Z'),
  minutes: 4,
  picture: {
    name: 'chart',
    alt: 'Bar chart of fares by weekday: the bar for Sunday is the smallest, and the cost of selling tickets is as tall as it',
    caption: 'Takings by weekday, in thousands. On Sundays, selling tickets costs nearly what they bring.',
  },
  opening: [
    'A single ticket on the number 3 costs 2.40. Of that, according to accounts the transport office published on Tuesday, 61 cents are spent on selling the ticket.',
    'The figure covers the machines, the people who empty them, the card fees, the inspectors, the court days, and a warehouse full of paper rolls bought in a hopeful year. It does not change much with the number of passengers, which is why it looks harmless on a Monday and absurd on a Sunday.',
  ],
  rest: [
    'On an average Sunday the eleven lines take 6,800 in fares. Keeping the means to take it running through that day costs 5,950. The difference, 850, is what the town would lose by leaving the doors open and the machines dark.',
    { heading: 'The price of a queue' },
    'There is a second saving that no ledger shows. A bus that sells no tickets stands at a stop for nine seconds in place of twenty-three. Over a day that frees one vehicle in eight, and the office proposes to spend the freed hours on the two lines that currently have no Sunday service at all.',
    '“I was asked to find out what free travel would cost,” says Petra Lindqvall, who prepared the accounts. “The honest answer was that we had been paying for the opposite.”',
    'Not everybody is persuaded. The taxi owners’ association points out that fares are also a way to know who travels, and that a line nobody is counted on is easily cut. The office answers that the doors have counted passengers for years, and more exactly than the tickets did.',
    { heading: 'What happens on Monday' },
    'The proposal stops short of the working week, where fares bring in four times what they cost to collect. But a footnote on page 31 suggests that a ticket bought in advance costs three cents to sell, and that most of the remaining sixty are spent on the fifth of passengers who pay in coins.',
    'The council votes on the twentieth. If it agrees, the first free Sunday falls on the day of the harbour market, when the buses are so full that, in the words of one driver, it would be rude to ask.',
  ],
}
