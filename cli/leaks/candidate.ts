import type { PageFacts } from './facts.ts'

/** One request that may find a copy. */
export interface Candidate {
  readonly kind: string
  readonly url: string
  readonly method?: 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Text in the request that an answer may repeat: it is no leak. */
  readonly echoes?: string
}

/** The fields of a form. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Makes candidates of one kind from paths of the site. */
export function at(facts: PageFacts, kind: string, paths: readonly string[]): Candidate[] {
  return paths.map((path) => ({ kind, url: `${facts.page.origin}${path}` }))
}

/** The path without a slash at its end. */
export function pathOf({ page }: PageFacts): string {
  return page.pathname.replace(/\/+$/, '')
}

/** The path up to its last slash. */
export function folderOf(path: string): string {
  return path.replace(/[^/]*$/, '')
}
