/** Articles of an origin, as their author typed them. Each paragraph has sentences that nothing else has. */
export interface Article {
  readonly id: number
  readonly slug: string
  readonly title: string
  readonly paragraphs: readonly string[]
}

export const BUDGET: Article = {
  id: 42,
  slug: 'the-budget',
  title: 'The budget',
  paragraphs: [
    'The town’s treasurer opened the meeting with a number that nobody in the room had expected to hear.',
    'Four million crowns were missing from the account that pays for the <em>harbour wall</em>, and they had been for years. “We looked in every drawer,” she said, “and then we looked in every drawer again.”',
    'An auditor from the capital found the first false invoice behind a photograph of the old lighthouse & its keeper.',
    'What the council decided that evening, behind a door that should have been open, is told here for the first time.',
  ],
}

export const HARBOUR: Article = {
  id: 43,
  slug: 'the-harbour',
  title: 'The harbour',
  paragraphs: [
    'Fishermen say that the water under the third pier has a colour which it did not have last winter.',
    'The laboratory in the next town has had three bottles of it since August, and has not answered one letter.',
    'A chemist who wants no name in this story measured it in her kitchen, with results that made her measure again.',
  ],
}

export const ARTICLES: readonly Article[] = [BUDGET, HARBOUR]

/** What every page has: a note at the end of each article, and a line below everything. */
export const NEWSLETTER =
  'Our newsletter brings you the week’s best stories from the coast every Sunday morning before breakfast.'
export const COLOPHON =
  'Printed on recycled electrons by a small cooperative of reporters at the edge of the northern sea.'

/** The text as `wptexturize` and the like write it: entities, soft hyphens. */
export function asHtml({ paragraphs }: Article): string {
  return paragraphs.map((text) => `<p>${texturized(text)}</p>`).join('\n')
}

function texturized(text: string): string {
  return text
    .replaceAll(' & ', ' &#038; ')
    .replaceAll('’', '&#8217;')
    .replaceAll('“', '&#8220;')
    .replaceAll('”', '&#8221;')
    .replaceAll('lighthouse', 'light&shy;house')
    .replace(' the ', ' the&nbsp;')
}

/** What lists show of an article: a hand-written line. */
export function excerptOf({ title }: Article): string {
  return `Read more about ${title.toLowerCase()} in our pages.`
}
