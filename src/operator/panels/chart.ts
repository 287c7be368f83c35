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

const [STEP, GAP, HEIGHT] = [10, 2, 80]

/** Draws stacked bars. A value that is not nothing is always to be seen; a bucket without anything is a gap. */
export function chartMarkup({ finding, bucket, labels, series, marks }: Chart): Markup {
  const totals = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0))
  const most = Math.max(...totals, 1)
  const bars = labels.map((_, at) => {
    let top = HEIGHT
    return series.map(({ values }, index) => {
      const value = values[at] ?? 0
      if (value === 0) return ''
      const height = Math.max(1, Math.round((value / most) * HEIGHT))
      top = Math.max(0, top - height)
      return markup`<rect class="s${index}" x="${at * STEP + GAP / 2}" y="${top}" width="${STEP - GAP}" height="${height}"/>`
    })
  })
  const lines = Array.from(marks.keys(), (at) => markup`<path class="mark" d="M${at * STEP} 0V${HEIGHT}"/>`)
  const keys = series.map(({ name }, index) => markup`<li><i class="s${index}"></i>${name}</li>`)
  const changes = Array.from(marks.values(), (words) => markup`<li><i class="mark"></i>${words}</li>`)
  return markup`<figure><svg class="chart" viewBox="0 0 ${labels.length * STEP} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${finding}">${bars}${lines}</svg>
<figcaption>${finding}</figcaption>
<ul class="keys">${keys}${changes}</ul>
<details><summary>The same as a table</summary>${tableMarkup(
    [bucket, ...series.map(({ name }) => name)],
    labels.flatMap((label, at) =>
      totals[at] === 0 ? [] : [[label, ...series.map(({ values }) => String(values[at] ?? 0))]],
    ),
  )}</details></figure>
`
}

/** Writes a table, which may be scrolled by itself. The first cell of a row is its heading, and what follows are numbers. */
export function tableMarkup(heads: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  if (rows.length === 0) return markup`<p class="soft">Nothing in this time.</p>`
  return markup`<div class="wide" role="group" aria-label="${heads.join(', ')}" tabindex="0"><table><thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...others]) =>
      markup`<tr><th scope="row">${first}</th>${others.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>
`
}
