import { after, type Eventually } from '../core/eventually.ts'
import { REASONS } from '../core/problem.ts'
import { isUpgrade } from '../http/rules/exchange.ts'
import type { Exempted, Exemption, ExemptionRequest, RefusedDecision } from './exemption.ts'

/** What an exemption said, and its name. */
export type NamedExempted = Exempted & { readonly by: string }

/**
 * Asks the exemptions of a zone in turn about a refused request for a page. The first that opens it decides; else the last
 * that refuses in words of its own. Undefined: it stays refused as it is.
 */
export function judgeExemptions(
  exemptions: readonly Exemption[],
  refused: RefusedDecision,
  asked: ExemptionRequest,
): Eventually<NamedExempted | undefined> {
  if (!isExemptible(refused, asked)) return undefined
  return askFrom(0, undefined)

  function askFrom(index: number, before: NamedExempted | undefined): Eventually<NamedExempted | undefined> {
    const exemption = exemptions[index]
    if (exemption === undefined) return before
    return after(exemption.judge(refused, asked), (judged) => {
      const named = judged === undefined ? before : { ...judged, by: exemption.name }
      return named?.kind === 'serve' ? named : askFrom(index + 1, named)
    })
  }
}

/**
 * Returns true for a refusal that paying would lift, of a request for a page: neither a socket nor the messages of a protocol are one.
 * A hold is lifted by nothing.
 */
function isExemptible({ refusal: { reason } }: RefusedDecision, { exchange, route }: ExemptionRequest): boolean {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return false
  if (isUpgrade(exchange.fields) || route.protocol !== undefined) return false
  if (route.terms.kind !== 'paid' || !route.terms.offer.onSale || route.meter !== undefined) return false
  return REASONS[reason].status === 402 && reason !== 'security-hold'
}
