import { err, ok, type Result } from '../core/result.ts'
import { type BodyTerms, readText } from '../http/body.ts'
import { type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'

/** The media type of what the form of a page sends. */
export const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i

/**
 * Reads what the form of a page has posted, within `terms`. Errors: `notOurs` if no form of a page sends such content; else the
 * problem of a body that was not read.
 */
export async function readForm(
  request: Request,
  terms: BodyTerms,
  { makeRoom }: Pick<Services, 'makeRoom'>,
  notOurs: EndpointProblem,
): Promise<Result<URLSearchParams, EndpointProblem>> {
  const room = makeRoom(terms)
  const text = await readText(request, FORM_TYPE, room)
  room.close()
  if (text.ok) return ok(new URLSearchParams(text.value))
  if (text.error === 'media-type' || text.error === 'not-text') return err(notOurs)
  return err({ ...UNREAD, 'too-large': TOO_LARGE, coding: COMPRESSED }[text.error])
}

const TOO_LARGE: EndpointProblem = {
  status: 413,
  title: 'Content Too Large',
  detail: 'The form is longer than this page takes. Nothing was done.',
  reason: 'content-too-large',
}
const COMPRESSED: EndpointProblem = {
  status: 415,
  title: 'Unsupported Media Type',
  detail: 'A form must not be compressed. Nothing was done.',
  reason: 'content-encoding-unsupported',
}
