import type { Compiled } from '../../src/config/config.ts'

/**
 * Warns of zones that show whole pages to crawlers of search engines, and readers a refusal that does not say that the page is not
 * free: search engines may take that for cloaking. What the site's own pages say is not known here.
 */
export function unmarkedPaywalls({ sites }: Pick<Compiled, 'sites'>): string[] {
  return [...new Set(sites.values())].flatMap(({ zone, refusals, exemptions = [] }) => {
    const showing = exemptions.filter(({ showsWholePages }) => showsWholePages === true)
    if (showing.length === 0 || refusals.some(({ marksPaywalled }) => marksPaywalled === true)) return []
    const names = showing.map(({ name }) => name).join(', ')
    return [
      `zone ${zone.name}: exemptions (${names}) show search engines whole pages, and readers get a refusal that does not say that a page is not free, which may be taken for cloaking: write html({ markPaywalled: true }) in refusals, and isAccessibleForFree: false into your own pages`,
    ]
  })
}
