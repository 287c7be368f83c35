import { type Entitlement, judgeStanding, type Standing } from '../access/entitlement.ts'
import { type ApplicableLimit, applicableLimits } from '../access/applicable.ts'
import type { LedgerSnapshot } from '../ledger/rules/commands.ts'
import { receiptCost } from '../access/cost.ts'
import type { Reason, Refusal } from '../core/problem.ts'
import { entitlementIn, type Presented, receiptIn } from '../access/proof.ts'
import type { Receipt } from '../access/receipt.ts'
import { describeRefusal, type RefusedView, type RequestRef } from '../refusals/describe.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isSpokenFor } from '../standing/rules/speaker.ts'
import { asItStands, STANDING_UNKNOWN } from '../standing/rules/asitstands.ts'
import { type Entry } from '../standing/rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Call, Ledgers } from '../ports.ts'
import { withTimeout } from '../http/timeout.ts'
import type { ResolveStanding } from '../standing/resolve.ts'
import {
  describeCharges,
  describeCredit,
  describeDebts,
  describeLimit,
  type ChargesView,
  instant,
  type InstantView,
  type LimitView,
  readLedger,
  type Availability,
  availabilityOf,
} from '../ledger/ledgerview.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'

/** The verified proofs of the request, as they were signed. */
export interface Owned {
  readonly entitlement: Entitlement | undefined
  readonly receipt: Receipt | undefined
}

/** The services that know the current state. */
export interface ViewServices {
  readonly resolveStanding: ResolveStanding
  readonly ledgers: Ledgers | undefined
}

/** The zone, the request and the call that an answer is made for. */
export interface ViewContext {
  readonly zone: Zone
  readonly ref: RequestRef
  readonly call: Call
}

/** The view of an account, a receipt, or both. */
export interface OwnedView {
  readonly account?: AccountView
  readonly receipt?: ReceiptView
}

/** An account as its holder sees it. */
export interface AccountView {
  readonly issuer: string
  readonly id: string
  readonly plan: string | null
  readonly entitlements: readonly string[]
  readonly standing: StandingView
  readonly token: TokenView
  readonly limits: readonly LimitView[]
  readonly credit: Availability<readonly MoneyView[]>
  /** What is owed, as credit was taken back after it was spent: the next credit pays it. Absent if nothing is. */
  readonly debt?: readonly MoneyView[]
  readonly charges: Availability<ChargesView>
}

/** A receipt as its holder sees it. */
export interface ReceiptView extends MoneyView {
  readonly issuer: string
  readonly id: string
  readonly payer: string | null
  /** The path pattern that the receipt pays for. */
  readonly resource: string
  readonly methods: readonly string[]
  readonly uses?: number
  readonly passSeconds?: number
  readonly left: Availability<UsesView>
  readonly standing: StandingView
  readonly token: TokenView
  readonly charges: Availability<ChargesView>
}

/** The uses left, or the end of the pass: null before its first use. */
type UsesView = { readonly uses: number } | { readonly passEnds: InstantView | null }

type StandingState = Standing | typeof REVOKED

/** The standing; with reason and remedies if it refuses. */
export interface StandingView extends Partial<Pick<RefusedView, 'reason' | 'title' | 'detail' | 'facts' | 'remedies'>> {
  readonly state: StandingState | 'unavailable'
}

interface TokenView {
  readonly id: string | null
  readonly issued: InstantView
  readonly expires: InstantView
}

/** The limit for reading the standing, in milliseconds. */
const STANDING_MS = 3000

/**
 * Describes an account and a receipt to their holder. A fact that cannot be read in time is marked `unavailable`: identity
 * needs no ledger. Error: the credential is invalid after all.
 */
export async function describeOwned(
  owned: Owned,
  context: ViewContext,
  { resolveStanding, ledgers }: ViewServices,
): Promise<Result<OwnedView, Refusal>> {
  const { zone, call } = context
  const { entitlement, receipt } = owned
  const limits = entitlement === undefined ? [] : applicableLimits(zone.routes, entitlement.limits)
  const [resolved, ofAccount, ofReceipt] = await Promise.all([
    resolveInTime(owned, zone, call, resolveStanding),
    entitlement && readAccount(entitlement, limits, zone, ledgers),
    receipt && readReceipt(receipt, zone, ledgers),
  ])
  for (const { proof } of resolved ?? []) {
    if (!proof.ok && proof.error.reason.startsWith('credential-')) return err(proof.error)
  }
  return {
    ok: true,
    value: {
      ...(entitlement && { account: describeAccount(entitlement, limits, resolved, ofAccount ?? null, context) }),
      ...(receipt && { receipt: describeReceipt(receipt, resolved, ofReceipt ?? null, context) }),
    },
  }
}

async function resolveInTime(
  { entitlement, receipt }: Owned,
  zone: Zone,
  call: Call,
  resolveStanding: ResolveStanding,
): Promise<Presented | undefined> {
  const presented: Presented = [
    ...(entitlement === undefined ? [] : [{ role: 'entitlement', rail: 'account', proof: ok(entitlement) } as const]),
    ...(receipt === undefined ? [] : [{ role: 'payment', rail: 'account', proof: ok(receipt) } as const]),
  ]
  const asked = (async () => resolveStanding(presented, zone, call))()
  return withTimeout(
    asked.catch(() => undefined),
    STANDING_MS,
  )
}

function readAccount(
  { issuer, account }: Entitlement,
  limits: readonly ApplicableLimit[],
  zone: Zone,
  ledgers: Ledgers | undefined,
): Promise<Availability<LedgerSnapshot>> {
  const holder = { from: 'account', issuer, account } as const
  return readLedger(ledgers, zone, holder, { limits: limits.map(({ limit }) => limit) })
}

function readReceipt(
  receipt: Receipt,
  zone: Zone,
  ledgers: Ledgers | undefined,
): Promise<Availability<LedgerSnapshot>> {
  const cost = receiptCost(receipt, undefined)
  return readLedger(ledgers, zone, cost, { receipt: cost.receipt })
}

function describeAccount(
  signed: Entitlement,
  limits: readonly ApplicableLimit[],
  resolved: Presented | undefined,
  snapshot: Availability<LedgerSnapshot>,
  context: ViewContext,
): AccountView {
  const { issuer, account: id, plan, jti, issuedAt, expires } = signed
  const entry = snapshot === null || snapshot === 'unavailable' ? undefined : snapshot.entry
  const spokenFor = isSpokenFor(issuer, context.zone.standing)
  const now = context.call.now / 1000
  const current = withLedgerEntry(signed, entitlementIn(resolved)?.proof, entry, now, spokenFor)
  const refused = current.ok ? judgeStanding(current.value.standing) : current.error
  const state = current.ok ? current.value.standing : STATES[current.error.reason]
  // The holder of a revoked token may not be its owner. The same holds if the revocation cannot be read.
  const visible = state === REVOKED ? null : current.ok || state !== undefined ? snapshot : 'unavailable'
  return {
    issuer,
    id,
    plan: plan ?? null,
    entitlements: (current.ok ? current.value : withoutHold(signed, spokenFor, now, entry)).entitlements,
    standing: describeStanding(state, refused, context),
    token: { id: jti ?? null, issued: instant(issuedAt), expires: instant(expires) },
    limits: limits.map((holding, index) => {
      const usage = availabilityOf(visible, (read) => read.limits[index] ?? 'unavailable')
      return describeLimit(holding, usage, context.call.now)
    }),
    credit: availabilityOf(visible, describeCredit),
    ...(visible !== null && visible !== 'unavailable' && describeDebts(visible)),
    charges: availabilityOf(visible, describeCharges),
  }
}

/** Applies the ledger's entry, which is the first to receive any change: the bulletin may lag by some seconds. */
function withLedgerEntry(
  signed: Entitlement,
  resolved: Result<Entitlement, Refusal> | undefined,
  entry: Entry | undefined,
  now: number,
  spokenFor: boolean,
): Result<Entitlement, Refusal> {
  const known = asItStands(signed, entry, undefined, now, spokenFor)
  if (!known.ok) return known
  if (resolved === undefined) return err(STANDING_UNKNOWN)
  return resolved.ok ? asItStands(resolved.value, entry, undefined, now, spokenFor) : resolved
}

/** Returns the entitlements that a refused account would have without its hold. */
function withoutHold(signed: Entitlement, spokenFor: boolean, now: number, entry: Entry = {}): Entitlement {
  const { heldAt: _held, holds: _holds, revokedAt: _revoked, askedAt: _asked, ...rest } = entry
  const current = asItStands(signed, rest, undefined, now, spokenFor)
  return current.ok ? current.value : signed
}

const REVOKED = 'revoked'

/** The standing of a refused account of which only the reason is known. */
const STATES: Partial<Record<Reason, StandingState>> = {
  'security-hold': 'on-hold',
  'subscription-inactive': REVOKED,
}

function describeStanding(
  state: StandingState | undefined,
  refused: Refusal | undefined,
  { zone, ref }: ViewContext,
): StandingView {
  if (refused === undefined) return { state: state ?? 'unavailable' }
  const { reason, title, detail, facts, remedies } = describeRefusal(refused, ref, zone, undefined)
  return { state: state ?? 'unavailable', reason, title, detail, ...(facts && { facts }), remedies }
}

function describeReceipt(
  signed: Receipt,
  resolved: Presented | undefined,
  snapshot: Availability<LedgerSnapshot>,
  context: ViewContext,
): ReceiptView {
  const { issuer, jti, payer, amount, resource, methods, grant, issuedAt, expires } = signed
  const current = receiptIn(resolved) ?? err(STANDING_UNKNOWN)
  const refused = current.ok ? undefined : current.error
  return {
    issuer,
    id: jti,
    payer: payer ?? null,
    ...describeMoney(amount),
    resource: resource.pattern.source,
    methods,
    ...(grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }),
    left: availabilityOf(snapshot, (read) => leftOf(signed, read)),
    standing: describeStanding(refused === undefined ? 'active' : STATES[refused.reason], refused, context),
    token: { id: jti, issued: instant(issuedAt), expires: instant(expires) },
    charges: availabilityOf(snapshot, describeCharges),
  }
}

/** Ends a pass with its token at the latest. */
function leftOf({ expires }: Receipt, { receipt }: LedgerSnapshot): UsesView {
  if (receipt?.usesLeft !== undefined) return { uses: receipt.usesLeft }
  const { passUntil } = receipt ?? {}
  return { passEnds: passUntil === undefined ? null : instant(Math.min(Math.ceil(passUntil / 1000), expires)) }
}
