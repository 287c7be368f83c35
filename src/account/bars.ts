import { html as markup } from 'hono/html'
import type { Markup } from '../pages/page.ts'

/** One bar of a chart, with what is said of it. */
export interface Bar {
  readonly value: number
  readonly label: string
}

const [STEP, GAP, HEIGHT] = [10, 2, 60]

/** Draws bars as SVG. `finding`: what the chart shows, in a sentence. A value that is not nothing is always to be seen. */
export function barsMarkup(bars: readonly Bar[], finding: string): Markup {
  const most = Math.max(...bars.map(({ value }) => value), 0)
  const rects = bars.flatMap(({ value, label }, at) => {
    if (value <= 0 || most === 0) return []
    const height = Math.max(1, Math.round((value / most) * HEIGHT))
    return [
      markup`<rect x="${at * STEP + GAP / 2}" y="${HEIGHT - height}" width="${STEP - GAP}" height="${height}"><title>${label}</title></rect>`,
    ]
  })
  return markup`<figure><svg class="bars" viewBox="0 0 ${bars.length * STEP} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${finding}">${rects}</svg><figcaption class="soft">${finding}</figcaption></figure>
`
}
