import type { Entitlement } from '../../src/access/entitlement.ts'
import type { Limit } from '../../src/access/limit.ts'
import type { Receipt } from '../../src/access/receipt.ts'
import { valueAt } from '../../src/access/statuslist.ts'
import type { BillingIssuer } from '../../src/billing/index.ts'
import { formatAmount } from '../../src/core/money.ts'
import type { BillingEvent, StandingChange } from '../../src/standing/rules/event.ts'
import type { Operator } from '../../src/tokens/operator.ts'
import type { PublishedList } from '../../src/tokens/statuslisttoken.ts'
import entitlementHs256 from '../../vectors/entitlement-hs256.json'
import entitlement from '../../vectors/entitlement.json'
import eventSpokenFor from '../../vectors/event-spoken-for.json'
import event from '../../vectors/event.json'
import operator from '../../vectors/operator.json'
import payment from '../../vectors/payment.json'
import statuslist from '../../vectors/statuslist.json'
import { createGate, type GateVerdict } from './gate.ts'

type Members = Record<string, unknown>

export interface TokenVector {
  readonly name: string
  readonly now?: number
  readonly key?: string
  readonly sign?: {
    readonly method: Exclude<keyof BillingIssuer, 'jwks' | 'jwksResponse' | 'statusListResponse'>
    readonly input: never
  }
  readonly header?: Members
  readonly claims?: Members
  readonly token: string
  readonly verdict:
    | { readonly accepted: true; readonly means: Members }
    | { readonly accepted: false; readonly reason: string; readonly check?: string }
}

interface GateIssuer {
  readonly issuer: string
  readonly keys?: readonly Members[]
  readonly speaksFor?: readonly string[]
}

/** A file of vectors for one kind of token. */
export interface VectorFile {
  readonly kind: 'entitlement' | 'payment' | 'event' | 'operator' | 'statuslist'
  readonly typ: string
  readonly now: number
  readonly gate: { readonly audience: string; readonly issuers: readonly [GateIssuer, ...Members[]] }
  readonly keys: Readonly<Record<string, Members | string>>
  readonly vectors: readonly TokenVector[]
}

export const FILES: Readonly<Record<string, VectorFile>> = {
  entitlement: entitlement as unknown as VectorFile,
  'entitlement-hs256': entitlementHs256 as unknown as VectorFile,
  payment: payment as unknown as VectorFile,
  event: event as unknown as VectorFile,
  'event-spoken-for': eventSpokenFor as unknown as VectorFile,
  operator: operator as unknown as VectorFile,
  statuslist: statuslist as unknown as VectorFile,
}

/** Where the lists of the vectors are served. */
const URI = 'https://billing.example.com/status/1'

/** Asks the gate's own readers, at the time of the vector. Returns its verdict in the form of the vectors. */
export async function gateVerdict(file: VectorFile, { token, now = file.now }: TokenVector): Promise<Members> {
  const [{ issuer, keys, speaksFor = [] }, ...others] = file.gate.issuers
  const { secret } = file.keys
  const spoken = speaksFor.length === 0 ? {} : { speaksFor, others }
  const source = typeof secret === 'string' ? { secret } : { keys: keys ?? [] }
  const gate = createGate({ issuer, audience: file.gate.audience, ...source, ...spoken, now: now * 1000 })
  switch (file.kind) {
    case 'entitlement':
      return verdict(await gate.entitlement(token), entitlementMeaning)
    case 'payment':
      return verdict(await gate.payment(token), receiptMeaning)
    case 'event':
      return verdict(await gate.event(token), eventMeaning)
    case 'operator':
      return verdict(await gate.operator(token), ({ issuer: _issuer, ...value }) => operatorMeaning(value))
    case 'statuslist':
      return verdict(await gate.statuslist(token, URI), (value) => listMeaning(value, file))
  }
}

function verdict<T>(said: GateVerdict<T>, meaning: (value: T) => Members): Members {
  if (said.ok) return { accepted: true, means: sparse(meaning(said.value)) }
  // A list that is refused is not used.
  const { reason = 'standing-unavailable', check } = said
  return sparse({ accepted: false, reason, check })
}

const sparse = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

function timesOf({ issuedAt, notBefore, expires }: Pick<Entitlement, 'issuedAt' | 'notBefore' | 'expires'>): Members {
  return { issuedAt, notBefore, expires }
}

const placeOf = ({ status }: Pick<Entitlement, 'status'>): unknown => status && { idx: status.idx, uri: status.uri }

function entitlementMeaning(value: Entitlement): Members {
  const { account, jti: id, entitlements, plan, limits, standing } = value
  const limitsMeant = limits.map((limit: Limit) => sparse({ ...limit, quota: String(limit.quota) }))
  return { account, id, entitlements, plan, limits: limitsMeant, standing, status: placeOf(value), ...timesOf(value) }
}

function receiptMeaning(value: Receipt): Members {
  const { jti: id, payer, amount, methods, grant } = value
  const granted = grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }
  const paid = { amount: formatAmount(amount), currency: amount.currency }
  return { id, payer, ...paid, methods, ...granted, status: placeOf(value), ...timesOf(value) }
}

function eventMeaning({ id, issuer, account, changes }: BillingEvent): Members {
  return { id, issuer, account, changes: changes.map(changeMeaning) }
}

function changeMeaning(change: StandingChange): Members {
  switch (change.kind) {
    case 'credit-granted':
      return { kind: change.kind, amount: formatAmount(change.money), currency: change.money.currency }
    case 'credit-taken': {
      const { kind, money, grant } = change
      return { kind, amount: formatAmount(money), currency: money.currency, grant }
    }
    case 'statement': {
      const { statement } = change
      if (statement.kind !== 'entitlements') return { ...statement }
      return { kind: statement.kind, entitlements: statement.names, at: statement.at }
    }
    case 'payment-declined':
    case 'payment-succeeded':
      return { ...change }
    case 'token-revoked':
    case 'token-hold':
    case 'token-named-hold': {
      const { jti: token, ...rest } = change
      return { token, ...rest }
    }
  }
}

function operatorMeaning({ scopes, subject, ...times }: Omit<Operator, 'issuer'>): Members {
  return { scopes, subject, ...timesOf(times) }
}

/** Clock tolerance is in the end of a list as it is read; in the vectors it is not. */
function listMeaning({ list, issuedAt, expires, ttlSeconds }: PublishedList, { vectors }: VectorFile): Members {
  const lengths = vectors.flatMap(({ sign }) => statusesIn(sign?.input).length)
  const places = Array.from({ length: (list.bytes.length * 8) / list.bits }, (_, idx) => valueAt(list, idx))
  // A list ends with a byte: it may have a few places more than were given.
  const length = lengths.find((known) => known <= places.length && places.length - known < 8 / list.bits)
  return { statuses: places.slice(0, length), issuedAt, expires: expires && expires - 5, ttlSeconds }
}

function statusesIn(input: unknown): readonly unknown[] {
  return (input as { statuses?: readonly unknown[] } | undefined)?.statuses ?? []
}
