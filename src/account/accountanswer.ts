import type { AccountView, OwnedView } from './accountview.ts'
import type { AccountLinks } from './links.ts'
import type { PastView } from './past.ts'
import type { ReferenceAnswer } from './referenced.ts'

/** What programs are answered, and what the page is written from. */
export interface AccountAnswer extends OwnedView {
  readonly instance: string
  readonly zone: string
  readonly account?: AccountView & PastView
  /** Present if the request has a `reference`. */
  readonly reference?: ReferenceAnswer
  readonly links: AccountLinks
}
