import type { NewsArticle } from '../article.ts'

export const crane: NewsArticle = {
  id: 7,
  language: 'en',
  section: 'investigations',
  title: 'Who owns the crane?',
  standfirst:
    'The largest machine in Sundby has lifted nothing for three years. Our search for its owner led through five companies, two islands and a letterbox with our own address on it.',
  author: 'Marit Holmgard and Tomas Ehrling',
  published: new Date('2026-10-01T04:00:00Z'),
  minutes: 9,
  picture: {
    name: 'crane',
    alt: 'Engraving of a harbour crane, drawn in fine parallel lines',
    caption: 'Crane 9 weighs 810 tonnes. For as long as nobody owns it, nobody may move it.',
  },
  opening: [
    'You can see it from every window on the east side: ninety metres of red steel at the end of the grain quay, its arm raised at an angle that sailors read as a greeting and engineers as a brake that has rusted shut.',
    'The harbour wants the quay back. To get it, it must find whoever owns the crane, and in three years of letters it has not succeeded. In September we began to look for ourselves.',
  ],
  rest: [
    'The register of heavy machinery lists Crane 9 under a firm called Quaylift Nine, founded for the purpose of buying it. Quaylift Nine’s only director is a lawyer who resigned in 2023, and who told us by telephone that he had never seen the crane, or the sea.',
    { heading: 'The first door' },
    'Quaylift Nine belonged to Baltic Handling Two, which belonged to Baltic Handling One. This is the kind of sentence that makes people stop reading, and it is meant to. Each of the firms had a different year end, so that in no month were the accounts of all of them due.',
    'The money, at least, left a trail. In 2021 a bank lent eleven million against the crane, on the strength of a valuation that described it as “in regular use”. The valuer’s report includes a photograph. The shadow of the arm falls to the south, which in Sundby it cannot do.',
    { heading: 'An island with a brass plate' },
    'We followed the loan to an island whose register gives out names for a fee. The fee was twelve pounds. The name was that of a trust, and the trust’s correspondence address was a shared office in Sundby, at Speicherstraße 40, second floor, letterbox 17.',
    'This newspaper rents letterboxes 12 to 16 in that hallway. In letterbox 17 the janitor found three years of the harbour’s letters, unopened and in order.',
    {
      quote: 'They were not hiding from us. They were waiting for us to give up the quay.',
      by: 'A member of the harbour board',
    },
    { heading: 'What nobody wants to be' },
    'Owning the crane is worth less than nothing. Taking it down would cost two million, and whoever is found to be its owner will be sent the bill. The bank, which could have claimed it years ago, has written off the loan for exactly that reason.',
    'There is one exception. The ground it stands on becomes building land if the quay has not been used for four years, and the fourth year ends in December. An option on that ground was registered in March, by a company that is eight months old and shares its telephone number with Quaylift Nine.',
    'The harbour board met behind closed doors on Monday. On Tuesday, two fitters climbed the crane with grease and a torch. On Wednesday at seven in the morning, for the first time since 2023, the arm of Crane 9 came down by a metre and a half, lifted one sack of barley from the deck of a pilot boat, and put it on the quay. By noon the sack had been photographed from every side, weighed, and entered in the books as cargo.',
  ],
}
