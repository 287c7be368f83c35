import type { KnownKeys } from './jwks.ts'
import type { KnownStatusLists } from './statuslists.ts'

/** What an isolate knows of keys and status lists. */
export interface KnownFetches {
  readonly keys: KnownKeys
  readonly lists: KnownStatusLists
}
