import { html as markup } from 'hono/html'
import { type Markup, pageOf } from '../pages/page.ts'
import { plainPhrase, wordsOf } from '../pages/words.ts'
import { describeProblems, type ExplainedProblem, groupOf, type HelpReader, PROBLEM_GROUPS } from './describe.ts'
import { HELP_WORDS } from './words.ts'
import type { HelpWords } from './words/en.ts'

/** Writes the help page: an anchor for each reason. */
export function helpPage(reader: HelpReader): string {
  const { pages, language } = reader
  const words = wordsOf(HELP_WORDS, pages, language)
  const { heading, intro, reference, programs, values, home } = words.problems
  const all = describeProblems(reader)
  const parts = PROBLEM_GROUPS.map(
    (group) => markup`<h2>${words.problems[group]}</h2>
${all.filter((one) => groupOf(one) === group).map((one) => problemMarkup(one, words))}`,
  )
  const body = markup`<h1>${heading}</h1>
<p>${intro}</p>
<p>${reference}</p>
<p class="soft">${programs} ${values}</p>
${parts}<p><a class="main" href="${pages.site.home}">${home}</a></p>`
  return pageOf({ title: heading, body, language }, pages)
}

function problemMarkup({ reason, status, title, cause, cure, curl }: ExplainedProblem, words: HelpWords): Markup {
  return markup`<section id="${reason}">
<h3>${title}</h3>
<p>${cause} ${cure}</p>
<p class="soft"><code>${reason}</code> · ${statusIn(status, words)}<br><code>${curl}</code></p>
</section>
`
}

function statusIn(status: number, { problems }: HelpWords): string {
  return plainPhrase(problems.status, { status: String(status) })
}

/** Writes the same as plain text. */
export function helpText(reader: HelpReader): string {
  const words = wordsOf(HELP_WORDS, reader.pages, reader.language)
  const { heading, intro, reference, values } = words.problems
  const parts = describeProblems(reader).map(
    ({ reason, status, title, cause, cure, curl }) =>
      `${title} (${reason}, ${statusIn(status, words)})\n${cause}\n${cure}\n  ${curl}\n`,
  )
  return [`${heading}\n`, `${intro} ${reference} ${values}\n`, ...parts].join('\n')
}
