/** The second half of the match: a request whose content says what it asks for is read before anyone is known. */
import type { Presented } from './access/proof.ts'
import type { JudgedAnswer, Protocol, RefinedRequest } from './access/protocol.ts'
import type { Route } from './access/route.ts'
import { after, type Eventually } from './core/eventually.ts'
import type { BodyRoom } from './http/body.ts'
import { readContent } from './ledger/idempotency.ts'
import type { Outcome } from './record.ts'
import { credentialFactsOf } from './access/proof.ts'
import { type Passing, refuseCompleted, refusedOutcome } from './refusing.ts'

/** A request on its way, and what its content says if the protocol of its route has read that. */
export interface RefinedPassing extends Passing {
  readonly refined?: RefinedRequest
}

/**
 * Goes on with a request as the protocol of its route understands it, or refuses it. Its content is held in memory until
 * there is an outcome, in the part of the memory that anonymous senders share.
 */
export async function passRefined(
  protocol: Protocol,
  route: Route,
  passing: Passing,
  goOn: (route: Route, passing: RefinedPassing) => Eventually<Outcome>,
): Promise<Outcome> {
  const { request, exchange, site, services } = passing
  let room: BodyRoom | undefined
  try {
    const found = await protocol.refine({
      request,
      exchange,
      route,
      origins: site.zone.origins,
      async read(limits) {
        room = services.makeRoom({ ...limits, isAnonymous: true, decodes: true })
        const read = await readContent({ request }, room)
        if (read.ok) room.keep(route.limits.responseMs)
        return read
      },
    })
    if (!found.ok) return refusedOutcome(exchange, { site, route }, found.error)
    const refined = found.value
    const known = { ...exchange, ...refined.exchange, ambiguity: exchange.ambiguity }
    return await goOn(refined.route, { ...passing, request: refined.request, exchange: known, refined })
  } finally {
    room?.close()
  }
}

/** Looks into an answer that has been reserved for, if the protocol of its route does. An error of a server's costs nothing anyway. */
export function judgeAnswer(refined: RefinedRequest | undefined, response: Response): Eventually<JudgedAnswer> {
  return (response.ok ? refined?.judge?.(response) : undefined) ?? { response, isFailed: false }
}

/** Serves a request as the protocol of its route lets it, and has its answer shaped by that. */
export function serveRefined(
  presented: Presented | undefined,
  route: Route,
  passing: RefinedPassing,
  serve: () => Eventually<Outcome>,
): Eventually<Outcome> {
  const admitted = passing.refined?.admit(presented)
  if (admitted === undefined) return serve()
  if (!admitted.ok) {
    const decision = { action: 'refuse', refusal: admitted.error, proof: undefined } as const
    return refuseCompleted(decision, credentialFactsOf(presented, decision.proof), route, passing)
  }
  return after(serve(), (outcome) => {
    if (outcome.decision !== 'serve') return outcome
    const { content } = outcome
    return after(admitted.value.shape(content.response), (response) => ({
      ...outcome,
      content: { ...content, response },
    }))
  })
}
