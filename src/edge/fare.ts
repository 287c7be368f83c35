import type { Eventually } from '../core/eventually.ts'
import type { AmendCommand, Delivery, LimitStatus } from '../core/ledger/commands.ts'
import { windowSecondsOf } from '../core/limit.ts'
import type { Refusal } from '../core/problem.ts'
import { rateLimitFields } from '../core/ratelimit.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Ledger, WaitUntil } from '../ports.ts'
import { representationOf } from './idempotency.ts'
import { passThrough, raw } from './raw.ts'

/** What a request was charged, still to be settled. */
export interface Fare {
  /** Nothing was delivered, and it costs nothing. */
  drop(): void
  /**
   * The response as its client gets it. It is settled when all of it has left, or no more of it will. Errors: those of
   * `charge`, where what passed for a further part turns out to be a whole answer, and has to be charged as one;
   * `idempotency-conflict`, where what is stored is not what was delivered before.
   */
  deliver(response: Response): Eventually<Result<Response, Refusal>>
}

/** What is charged and still open: which charge, in the name of which request, and what it leaves. */
export interface Open {
  readonly charge: string
  readonly request: string
  readonly limits: readonly LimitStatus[]
  readonly method: string
}

/** Tried twice. A charge that no one settles is closed by the ledger itself, and marked. */
export async function settle(ledger: Ledger, command: AmendCommand): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    const done = await ledger.amend(command).catch(() => undefined)
    if (done?.ok === true) return
  }
}

export function limitFields(limits: readonly LimitStatus[]): readonly (readonly [string, string])[] {
  const fields = rateLimitFields(
    limits.map(({ limit, remaining, resetSeconds }) => ({
      name: limit.name,
      quota: limit.quota,
      unit: limit.unit,
      windowSeconds: windowSecondsOf(limit.window),
      remaining,
      resetSeconds,
    })),
  )
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}

export function fareOf(ledger: Ledger, open: Open, waitUntil: WaitUntil): Fare {
  const { charge, request, limits, method } = open
  return {
    drop: () => waitUntil(settle(ledger, { charge, request, delivery: 'none' })),
    deliver(response) {
      const representation = representationOf(response)
      const what = representation === undefined ? {} : { representation }
      const end = (delivery: Delivery): Promise<void> => settle(ledger, { charge, request, delivery, ...what })
      if (response.status === 101) {
        waitUntil(headLeft().then(() => end('complete')))
        return ok(response)
      }
      for (const [name, value] of limitFields(limits)) response.headers.set(name, value)
      if (response.ok && method !== 'HEAD' && method !== 'OPTIONS') return ok(watched(response, end, waitUntil))
      waitUntil(end('none'))
      return ok(response)
    },
  }
}

/** Only a part goes on with the charge of another: whoever asks for parts and is given all of it anew pays anew. */
export function orAnew(fare: Fare, chargeAnew: () => Promise<Result<Fare, Refusal>>): Fare {
  return {
    drop: () => fare.drop(),
    async deliver(response) {
      if (!response.ok || response.status === 206) return fare.deliver(response)
      fare.drop()
      const anew = await chargeAnew()
      if (anew.ok) return anew.value.deliver(response)
      discard(response)
      return anew
    },
  }
}

/** Costs nothing: it was paid and delivered before, and is delivered once more if it is the same. */
export function sameAgain(representation: string, limits: readonly LimitStatus[], otherwise: Refusal): Fare {
  return {
    drop: () => undefined,
    deliver(response) {
      const isStored = response.ok || response.status === 304
      if (!isStored || representationOf(response) !== representation) {
        discard(response)
        return err(otherwise)
      }
      for (const [name, value] of limitFields(limits)) response.headers.set(name, value)
      return ok(response)
    },
  }
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined)
}

/** A moment, in which the head leaves: nobody tells when, and killed before that, the gate has not said that it delivered. */
function headLeft(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1)
  })
}

/** The same response. Where it has no content, all of it has left with its head. */
function watched(response: Response, end: (delivery: Delivery) => Promise<void>, waitUntil: WaitUntil): Response {
  if (response.body === null) {
    waitUntil(headLeft().then(() => end('complete')))
    return response
  }
  const length = response.headers.get('content-length')
  const { readable, writable } = passThrough(length === null ? undefined : Number(length))
  const left = response.body.pipeTo(writable).then(
    () => end('complete'),
    () => end('broken'),
  )
  waitUntil(left)
  return raw(readable, response)
}
