import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { PreviewedPage, RefusalFormat } from './format.ts'
import { formatFor, refuse, type Reply } from './respond.ts'
import { describeIn, refIn, type RefusalContext } from './template.ts'

/**
 * Refuses, with the free part of the page if the format can show one and `fetchPage` returns the page. The status and fields
 * are the refusal's; of the page's head the format sees the media type only. HEAD has the fields of GET, and fetches the
 * same page.
 */
export function refuseWithPreview(
  refusal: Refusal,
  exchange: Exchange,
  context: RefusalContext,
  fetchPage: () => Promise<PreviewedPage | undefined>,
): Eventually<Reply> {
  const reply = refuse(refusal, exchange, context)
  const format = formatFor(exchange, context)
  return format.preview === undefined ? reply : withPage(reply, format, refusal, exchange, context, fetchPage)
}

async function withPage(
  reply: Reply,
  format: RefusalFormat,
  refusal: Refusal,
  exchange: Exchange,
  context: RefusalContext,
  fetchPage: () => Promise<PreviewedPage | undefined>,
): Promise<Reply> {
  const page = await fetchPage()
  const view = describeIn(refusal, refIn(exchange, context, format), context)
  const written = page && (await format.preview?.(view, refusal, page))
  if (written === undefined) {
    if (page?.body.locked === false) page.body.cancel().catch(() => undefined)
    return reply
  }
  const common = new Headers(reply.common)
  for (const [name, value] of written.fields) common.set(name, value)
  if (exchange.method !== 'HEAD') return { ...reply, common, body: written.body }
  if (typeof written.body !== 'string') written.body.cancel().catch(() => undefined)
  return { ...reply, common }
}
