import type { Route } from '../access/route.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Members } from '../rails/rail.ts'
import type { RefusedView } from './describe.ts'

/**
 * A format of refusals: for programs, for people, for the SDK of a provider.
 *
 * A zone lists its formats. The first format that accepts an exchange writes the refusal; a problem document answers every
 * other exchange. The status and the fields that say how to pay are the same in every format.
 *
 * `write` is called once for each kind of refusal, and again for a refusal with parts of one request (`form`, `amounts`,
 * `hint`). In that single call these parts are missing, and the instance and the return URL of the
 * remedies are slots (core/template). The format copies slots like other text: it escapes them, but neither measures nor
 * encodes the body as a whole.
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
  /** Writes the refusal. `members` are the rails' additions to the body; a format without a place for them leaves them out. */
  write(refused: RefusedView, refusal: Refusal, members: Members): WrittenRefusal
  /**
   * True if the written page shows a refusal's form (`Refusal.form`). A reader is asked to confirm a price only on such
   * pages.
   */
  readonly showsForms?: true
  /** Response fields that clients in a browser may read, beside those of every refusal. */
  readonly exposes?: readonly string[]
  /** True if its clients never come back to the refused URL, as for an API: `{return}` of the remedies is then empty. */
  readonly hasNoReturn?: true
  /** True if its clients read `retry-after-ms`: it is then sent beside `Retry-After`. */
  readonly hasRetryMs?: true
  /**
   * Writes the refusal around the free part of the page. Returns undefined if the page has no such part. The result must
   * depend on the free part alone: two pages that differ only in their paid part must give the same bytes.
   */
  preview?(refused: RefusedView, refusal: Refusal, page: PreviewedPage): Eventually<WrittenPreview | undefined>
  /** Returns the bytes that end a stream of this format if it breaks off after its head: never the mark of a complete one. */
  terminal?(refused: RefusedView, refusal: Refusal, asked: AskedStream): Uint8Array
}

/** The request whose stream breaks off. */
export interface AskedStream {
  readonly exchange: Exchange
  readonly route: Route
}

/** A page as an anonymous reader would be served it if it were free. */
export interface PreviewedPage {
  /** The media type, as the origin wrote it. */
  readonly type: string
  /** The content, not compressed. A format that stops reading early cancels the stream. */
  readonly body: ReadableStream<Uint8Array>
}

export interface WrittenPreview {
  /** Replaces the refusal's fields of the same names. */
  readonly fields: readonly Field[]
  readonly body: string | ReadableStream<Uint8Array>
}

export interface WrittenRefusal {
  /** Includes `Content-Type`. Holds nothing of a credential. */
  readonly fields: readonly Field[]
  readonly body: string
}
