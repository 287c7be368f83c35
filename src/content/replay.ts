import { passthrough } from '../http/passthrough.ts'
import type { AnswerField, KeptAnswer } from '../ledger/rules/answers.ts'
import { REPLAYED_FIELD } from '../ledger/rules/keepable.ts'
import type { AdmittedRequest, BoundSocket, Clock } from '../ports.ts'
import type { Content } from './content.ts'
import type { Rail } from '../rails/rail.ts'
import { shape, withoutExposed } from './shape.ts'

/** The source of a kept answer in the log. It came from no cache, so no `Cache-Status` names it. */
const REPLAYED = 'hit; detail=replayed'

/**
 * Returns the kept answer to an earlier request as the content of the same request again: status, fields and body are those
 * of the first answer, and what belongs to one response is written anew. Conditions and `Range` have no effect: the request
 * was answered before them.
 */
export function replayContent(
  { status, fields, body }: KeptAnswer,
  admitted: AdmittedRequest,
  rails: readonly Pick<Rail, 'exposes'>[],
  { clock, boundSocket }: { readonly clock: Clock; readonly boundSocket: BoundSocket },
): Content {
  const headers = new Headers(fields.map(({ name, value }: AnswerField): [string, string] => [name, value]))
  withoutExposed(headers, rails)
  headers.set(REPLAYED_FIELD, 'true')
  const response = shape(passthrough(body, { status, headers }), admitted, {
    cache: undefined,
    now: clock(),
    boundSocket,
  })
  return { response, originMs: 0, cache: REPLAYED, isTimed: false }
}
