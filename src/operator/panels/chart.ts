/** Charts as SVG, each with a table of the same numbers. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'

/** One part of each bar, from the bottom up. */
export interface ChartSeries {
  readonly name: string
  /** By bucket, in the order of the labels. */
  readonly values: readonly number[]
}

export interface Chart {
  /** What the chart shows, in a sentence. */
  readonly finding: string
  /** The words for a bucket: "Minute", "Hour", "Day". */
  readonly bucket: string
  readonly labels: readonly string[]
  readonly series: readonly ChartSeries[]
  /** The buckets at whose beginning something changed, with what that is. */
  readonly marks: ReadonlyMap<number, string>
}

const HEIGHT = 80

/**
 * Draws stacked bars: of each part one path, with a stroke for each bucket, so that the hours of a week take little room. A value
 * that is not nothing is always to be seen; a bucket without anything is a gap.
 */
export function chartMarkup({ finding, bucket, labels, series, marks }: Chart): Markup {
  const totals = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
  const most = Math.max(...totals, 1)
  const tops = labels.map(() => HEIGHT)
  const bars = series.map(({ values }, index) => {
    const strokes = values.map((value, at) => {
      if (value === 0) return ''
      const from = tops[at] ?? HEIGHT
      const top = Math.max(0, from - Math.max(1, Math.round((value / most) * HEIGHT)))
      tops[at] = top
      return `M${at} ${from}V${top}`
    })
    return markup`<path class="s${index}" d="${strokes.join('')}"/>`
  })
  const lines = Array.from(marks.keys(), (at) => markup`<path class="mark" d="M${at - 0.5} 0V${HEIGHT}"/>`)
  const keys = series.map(({ name }, index) => markup`<li><i class="s${index}"></i>${name}</li>`)
  const changes = Array.from(marks.values(), (words) => markup`<li><i class="mark"></i>${words}</li>`)
  const heads = [bucket, ...series.map(({ name }) => name)]
  const rows = labels.flatMap((label, at) => (totals[at] === 0 ? [] : [rowOf(label, series, at)]))
  return markup`<figure><svg class="chart" viewBox="-.5 0 ${labels.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${finding}">${bars}${lines}</svg>
<figcaption>${finding}</figcaption>
<ul class="keys">${keys}${changes}</ul>
<details><summary>The same as a table</summary>${rows.length === 0 ? NOTHING : framed(heads, rows)}</details></figure>
`
}

/** Writes the row of a bucket without the end tags that HTML does not need: a week has 168 of them. */
function rowOf(label: string, series: readonly ChartSeries[], at: number): Markup {
  return markup`<tr><th scope=row>${label}${series.map(({ values }) => markup`<td>${values[at] ?? 0}`)}
`
}

/** Writes a table, which may be scrolled by itself. The first cell of a row is its heading, and what follows are numbers. */
export function tableMarkup(heads: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  if (rows.length === 0) return NOTHING
  const written = rows.map(
    ([first = '', ...others]) =>
      markup`<tr><th scope="row">${first}</th>${others.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`,
  )
  return framed(heads, written)
}

const NOTHING = markup`<p class="soft">Nothing in this time.</p>`

function framed(heads: readonly string[], rows: readonly Markup[]): Markup {
  return markup`<div class="wide" role="group" aria-label="${heads.join(', ')}" tabindex="0"><table><thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>
`
}
