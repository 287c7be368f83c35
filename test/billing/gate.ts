import { createDistrustReader } from '../../src/standing/bulletin.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import type { Entitlement } from '../../src/access/entitlement.ts'
import { judgeLifetime } from '../../src/access/lifetime.ts'
import type { Receipt } from '../../src/access/receipt.ts'
import type { Check, Reason } from '../../src/core/problem.ts'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { createEventVerifier } from '../../src/standing/eventtoken.ts'
import { ENTITLEMENT } from '../../src/tokens/entitlement.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import { createOperatorVerifier, type Operator } from '../../src/tokens/operator.ts'
import { PAYMENT } from '../../src/tokens/payment.ts'
import { type PublishedList, verifyStatusList } from '../../src/tokens/statuslisttoken.ts'
import { createVerifiers } from '../../src/tokens/verify.ts'
import { lateFetch } from '../support/fetch.ts'
import { zoneOf } from '../support/compiled.ts'

/** What a gate makes of a token: what it means, or why it is refused. A list is refused in words alone. */
export type GateVerdict<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false
      readonly reason: Reason | undefined
      readonly check: Check | undefined
      readonly detail: string
    }

/** The readers of a gate that trusts one issuer, at a given time. */
export interface GateReaders {
  readonly entitlement: (token: string) => Promise<GateVerdict<Entitlement>>
  readonly payment: (token: string) => Promise<GateVerdict<Receipt>>
  readonly event: (token: string) => Promise<GateVerdict<BillingEvent>>
  readonly operator: (token: string) => Promise<GateVerdict<Operator>>
  readonly statuslist: (token: string, uri: string) => Promise<GateVerdict<PublishedList>>
}

export interface GateFacts {
  readonly issuer: string
  readonly audience: string
  /** Either public keys, or a secret. */
  readonly keys?: readonly Record<string, unknown>[]
  readonly secret?: string
  /** Further issuers. */
  readonly others?: readonly Record<string, unknown>[]
  readonly speaksFor?: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Compiles a configuration as a gate does, with defaults wherever it has any. */
export function createGate({ issuer, audience, keys, secret, others = [], speaksFor, now }: GateFacts): GateReaders {
  const source = secret === undefined ? { keys } : { secret: 'BILLING_SECRET' }
  const statusLists = { allow: [`${issuer}/status/*`] }
  const zone = zoneOf(
    {
      audience,
      rails: [bearer(), receipt()],
      issuers: [{ issuer, ...source, ...(speaksFor && { speaksFor }), statusLists }, ...others],
      operators: [{ issuer, ...source }],
    },
    secret === undefined ? {} : { BILLING_SECRET: secret },
  )
  const call = { now, waitUntil: () => undefined }
  const known = createKeys({ clock: () => now, fetch: lateFetch }, () => undefined)
  const { verifyAs } = createVerifiers(known, undefined)
  const trust = { keys: known, readDistrust: createDistrustReader(undefined) }
  const [verifyEvent, verifyOperator] = [createEventVerifier(trust), createOperatorVerifier(trust)]
  const timely = async <C extends Entitlement | Receipt>(
    reading: ReturnType<typeof verifyAs<Omit<C, 'accountHash'>>>,
  ): Promise<GateVerdict<C>> => {
    const read = await reading
    if (!read.ok) return refusedBy(read.error)
    const value = read.value as unknown as C
    const untimely = judgeLifetime(value, now)
    return untimely === undefined ? { ok: true, value } : refusedBy(untimely)
  }
  return {
    entitlement: (token) => timely<Entitlement>(verifyAs(ENTITLEMENT, token, zone, call)),
    payment: (token) => timely<Receipt>(verifyAs(PAYMENT, token, zone, call)),
    event: async (token) => verdictOn(await verifyEvent(token, zone, call)),
    operator: async (token) => verdictOn(await verifyOperator(token, zone, call)),
    statuslist: async (token, uri) => {
      const read = await verifyStatusList(token, { issuer: zone.issuers[0] as Issuer, uri }, known, call)
      return read.ok ? read : { ok: false, reason: undefined, check: undefined, detail: read.error }
    },
  }
}

interface Refused {
  readonly reason: Reason
  readonly check?: Check | undefined
  readonly detail: string
}

function refusedBy({ reason, check, detail }: Refused): GateVerdict<never> {
  return { ok: false, reason, check, detail }
}

function verdictOn<T>(
  read: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Refused },
): GateVerdict<T> {
  return read.ok ? read : refusedBy(read.error)
}
