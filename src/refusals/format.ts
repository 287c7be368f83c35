import type { ArticleFacts } from '../access/article.ts'
import type { Route } from '../access/route.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Members } from '../rails/rail.ts'
import type { Words } from '../pages/words.ts'
import type { Zone } from '../zone.ts'
import type { RefusedView } from './describe.ts'

/**
 * A format of refusals: for programs, for people, for the SDK of a provider.
 *
 * A zone lists its formats. The first format that accepts an exchange writes the refusal; a problem document answers every
 * other exchange. The status and the fields that say how to pay are the same in every format, unless it has a status of its own.
 *
 * `write` is called once for each kind of refusal, and again for a refusal with parts of one request (`form`, `amounts`,
 * `hint`). In that single call these parts are missing, and the instance and the return URL of the
 * remedies are slots (core/template). The format copies slots like other text: it escapes them, but neither measures nor
 * encodes the body as a whole. What it leaves at slots 4 and up is filled by its `article`.
 *
 * @example
 * ```ts
 * // src/refusals/plain.ts
 * import type { RefusalFormat } from './format.ts'
 *
 * export function plain(): RefusalFormat {
 *   return {
 *     name: 'plain',
 *     accepts: ({ fields }) => fields.get('accept') === 'text/plain',
 *     write: ({ title, detail }) => ({
 *       fields: [['Content-Type', 'text/plain; charset=utf-8']],
 *       body: `${title}\n${detail}\n`,
 *     }),
 *   }
 * }
 * ```
 */
export interface RefusalFormat {
  readonly name: string
  /**
   * Returns true if this format writes the refusal of the exchange. `route` is undefined if the refusal came before a match.
   */
  accepts(exchange: Exchange, route: Route | undefined): boolean
  /**
   * Returns the language in which the exchange is answered; a refusal is written once for each. Absent: a format of one
   * language.
   */
  languageOf?(exchange: Exchange, zone: Zone): string
  /**
   * Returns the status with which a refusal is answered, if not its own. Such an answer says nothing of how to pay: to who reads
   * it, it is no refusal.
   */
  statusFor?(status: number): number
  /**
   * True if `statusFor` is the status of an envelope only: the refusal is in the body with its own status, and such an answer says
   * how to pay as any other does.
   */
  readonly isEnvelope?: true
  /** Returns what fills the slots 4 and up for one request, in place of `article`: text that `write` left out. */
  partsOf?(exchange: Exchange): readonly string[]
  /** Writes the refusal. `members` are the rails' additions to the body; a format without a place for them leaves them out. */
  write(refused: RefusedView, refusal: Refusal, members: Members, how: WrittenFor & WrittenChallenge): WrittenRefusal
  /**
   * Writes the public facts of the page that was refused, for the slots 4 and up that `write` left in the body. Undefined if
   * nothing is known of the page. Two pages that differ only in their paid part have the same facts.
   */
  article?(article: ArticleFacts | undefined, refused: RefusedView, how: WrittenFor): readonly string[]
  /** The English words that its pages have: an operator may replace them. */
  readonly words?: Words
  /**
   * True if the written page shows a refusal's form (`Refusal.form`). A reader is asked to confirm a price only on such
   * pages.
   */
  readonly showsForms?: true
  /** True if the written page says to search engines that the page it stands for is not free. */
  readonly marksPaywalled?: true
  /** Response fields that clients in a browser may read, beside those of every refusal. */
  readonly exposes?: readonly string[]
  /** True if its clients never come back to the refused URL, as for an API: `{return}` of the remedies is then empty. */
  readonly hasNoReturn?: true
  /** The reasons that pass by themselves: a browser that opened a page is told to open it again after a while (`Refresh`). */
  readonly refreshes?: ReadonlySet<string>
  /** True if its clients read `retry-after-ms`: it is then sent beside `Retry-After`. */
  readonly hasRetryMs?: true
  /** Returns the bytes that end a stream of this format if it breaks off after its head: never the mark of a complete one. */
  terminal?(refused: RefusedView, refusal: Refusal, asked: AskedStream): Uint8Array
}

/** The request whose stream breaks off. */
export interface AskedStream {
  readonly exchange: Exchange
  readonly route: Route
}

/** For whom a refusal is written. */
export interface WrittenFor {
  /** As the format's `languageOf` says; empty without that. */
  readonly language: string
  /** Undefined if the host is unknown. */
  readonly zone: Zone | undefined
}

/** How a refusal can be cured, as its fields say it: for a format whose clients read the body alone. */
export interface WrittenChallenge {
  /** The fields that rails add. */
  readonly challenges: readonly Field[]
  /** The site's origin, or the slot for it. */
  readonly origin: string
}

export interface WrittenRefusal {
  /** Includes `Content-Type`. Holds nothing of a credential. */
  readonly fields: readonly Field[]
  readonly body: string
}
