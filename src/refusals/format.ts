import type { Route } from '../access/route.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Members } from '../rails/rail.ts'
import type { RefusedView } from './describe.ts'

/**
 * How a refusal is written: for a program, for a person, for the SDK of a provider. A zone lists the formats that it has;
 * the first that accepts an exchange writes its refusal, and a problem document answers everyone else. The status and the
 * fields that say how to pay are the same in every format.
 *
 * `write` is called once for each kind of refusal, unless something in it is this request's own. The refusal is then without
 * that (`confirm`, `account`, `fields`, `retryAfterSeconds`), and the instance, and the URL to return to in the remedies, are
 * slots (core/template), which the format copies as it copies any other text. It
 * escapes what it writes, and neither measures nor encodes it as a whole.
 */
export interface RefusalFormat {
  readonly name: string
  /** True if it writes the refusal of this exchange. `route` is undefined if the refusal came before one was found. */
  accepts(exchange: Exchange, route: Route | undefined): boolean
  /** Writes the refusal. `members` are what the rails add to the body; a format without a place for them leaves them out. */
  write(refused: RefusedView, refusal: Refusal, members: Members): WrittenRefusal
  /** True if what it writes lets a reader confirm a price (`Refusal.confirm`): only then is the reader's credit looked up. */
  readonly confirms?: true
  /**
   * Writes the refusal around the free part of the page. Returns undefined if it finds no such part. What it writes tells
   * nothing of the rest: it is up to the format that pages which differ only there give the same.
   */
  preview?(refused: RefusedView, refusal: Refusal, page: PreviewedPage): Eventually<WrittenPreview | undefined>
  /** Returns what ends a stream of this format that breaks off after its head. */
  terminal?(refused: RefusedView): Uint8Array
}

/** A page as an anonymous reader would be served it, were it free. */
export interface PreviewedPage {
  /** Its media type, as the origin wrote it. */
  readonly type: string
  /** Not compressed. A format that does not read all of it cancels it. */
  readonly body: ReadableStream<Uint8Array>
}

export interface WrittenPreview {
  /** In place of those of the refusal that have the same name. */
  readonly fields: readonly Field[]
  readonly body: string | ReadableStream<Uint8Array>
}

export interface WrittenRefusal {
  /** `Content-Type` among them. They tell nothing of a credential. */
  readonly fields: readonly Field[]
  readonly body: string
}
