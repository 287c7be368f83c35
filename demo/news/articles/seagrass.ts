import type { NewsArticle } from '../article.ts'

export const seagrass: NewsArticle = {
  id: 3,
  language: 'en',
  section: 'science',
  title: 'The meadow under the harbour',
  standfirst:
    'Divers planted nine square metres of seagrass where the coal barges used to lie. Four summers later nobody can find the edges.',
  author: 'Noor Castellan',
  published: new Date('2026-09-28T06:00:00Z'),
  minutes: 6,
  picture: {
    name: 'seagrass',
    alt: 'Layers of cut paper in greens and blues that form seagrass, with small fish between the blades',
    caption: 'A square metre of healthy seagrass holds as many blades as a lawn of the same size, and far more fish.',
  },
  opening: [
    'The first thing you notice is that the water has a floor again. For sixty years the old coal basin was a soup in which a diver could not see her own hand, and nobody went down who was not paid to look for something dropped.',
    'Now Leonie Harmsen drops backwards from the quay with a slate and a measuring tape, and comes up eleven minutes later to say that she has run out of tape.',
  ],
  rest: [
    'The experiment was modest. In the spring of 2022 Harmsen and two students from the university tied 2,700 shoots to bent iron staples, one by one, and pressed them into the mud by hand. Most planted meadows fail within a year, and the grant was written so that failure would count as a result.',
    { heading: 'A nurse made of shells' },
    'What saved this one may have been rubbish. The basin’s northern corner is paved with mussel shells, tipped there by a cannery that closed in 1974. The shells kept the mud from drifting, and the shoots that had been planted among them were the only ones still standing after the first winter.',
    'By the second summer the grass was flowering, which is rarer than it sounds. Seagrass can spread by its roots alone, and in disturbed water it seldom bothers to make seeds. The team counted 140 flowering stems. They had budgeted for none.',
    '“Everyone wants to know what we did right,” Harmsen says. “I would rather know what we stopped doing wrong.” Her own list is short: the last barge left, the sewer was moved, and an old mooring chain that had swept the bottom with every tide was finally lifted.',
    { heading: 'The return of the pipefish' },
    'With the grass came its tenants. Trawls too small to hurt anything have found sticklebacks, two kinds of shrimp, and in August a broad-nosed pipefish, which spends its life pretending to be a blade of grass and had not been recorded in the harbour since the census of 1931.',
    'The meadow also stores carbon, though Harmsen is wary of the sums that circulate. At its present size it offsets, by her estimate, about the heating of the harbour master’s office.',
    'Next spring the team will plant again, in the outer basin, with shells this time. The iron staples are being bent by pupils of the trade school, who have asked that one of them be allowed to dive. The request is with the insurers.',
  ],
}
