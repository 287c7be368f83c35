/**
 * Carries out what was found, in the isolate that has just seen the suspect: nobody else knows its name.
 *
 * A hold is a named hold with an end, in the ledger and the bulletin like that of an operator; a request to sign in again is a
 * statement of the same kind. Both are recorded in the audit with what they stand on, and billing is told, in one transaction.
 * Whatever fails is done again with the suspect's next requests, by whichever isolate sees them, and is then as done once.
 */
import { err, ok, type Result } from '../core/result.ts'
import { timeText } from '../http/date.ts'
import { withTimeout } from '../http/timeout.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { AnomalyNotice, Facts } from '../ledger/rules/record.ts'
import type { StatementNotice } from '../ledger/rules/statementcommands.ts'
import { logWarning } from '../log.ts'
import { applyEvent, type EventTargets } from '../standing/apply.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { TRIP_ISSUER } from '../standing/rules/trippayment.ts'
import { FIRST, shardOf, type ZoneTallies } from '../tallies/zones.ts'
import type { AnomalyStores } from '../zonestores.ts'
import type { AnomalyOutcome, SettleFinding } from './rules/anomalycommands.ts'
import { describeEvidence, type Finding, isHard } from './rules/finding.ts'
import { holdName } from './rules/holdname.ts'
import type { NamedSubject, Subjects } from './subjects.ts'

const CALL_MS = 2000
const DAY_LENGTH = 86_400
/** The author of what the gate does by itself, in audits. */
export const ANOMALIES = 'anomalies'

export interface ActingServices {
  readonly stores: AnomalyStores
  readonly targets: EventTargets
  readonly subjects: Subjects
  readonly perDay: number
  /** Called if a hold was not granted, with the day (UTC, since 1970) whose holds are used up. */
  readonly onSpent: (zone: string, day: number) => void
}

/** Carries out the findings that an object has told of, one after another. Never throws. */
export async function carryOutAll(
  findings: readonly Finding[],
  zone: ZoneTallies,
  services: ActingServices,
): Promise<void> {
  for (const finding of findings) await carryOut(finding, zone, services)
}

async function carryOut(finding: Finding, zone: ZoneTallies, services: ActingServices): Promise<void> {
  const { suspect, key, reference } = finding
  const subject = suspect === 'trip' ? tripSubject(key) : services.subjects.find(zone.id, suspect, key)
  if (subject === undefined || reference === undefined) return
  const granted = await stepGranted(finding, zone, services)
  if (granted === undefined) return
  const done = await applyFinding(granted, subject, zone, services.targets)
  if (!done.ok) return
  const { step, evidence } = granted
  logWarning({
    anomaly: step,
    zone: zone.zone.name,
    reference,
    [suspect]: key,
    signals: evidence.map(({ signal }) => signal),
  })
  await settleFinding({ suspect, key, reference, as: 'carried-out' }, zone, services.stores)
}

/** Returns the finding as it is to be carried out: of a hold for which the day has no room, the request to sign in in its place. */
async function stepGranted(
  finding: Finding,
  zone: ZoneTallies,
  { stores, perDay, onSpent }: ActingServices,
): Promise<Finding | undefined> {
  if (finding.step !== 'hold' || isHard(finding)) return finding
  const { step, evidence, time, suspect, key, reference = '' } = finding
  const taking = { kind: 'take-hold', finding: { step, evidence, time, reference }, perDay } as const
  const grant = await answered(stores(zone.id, FIRST, zone.place)(taking))
  // An object of an earlier version takes this for another command, and grants nothing.
  if (grant === undefined || !('isGranted' in grant)) return undefined
  if (grant.isGranted) return finding
  if (grant.isAlert) logWarning({ anomalies: 'the holds of the day are used up', zone: zone.zone.name })
  onSpent(zone.id, Math.floor(time / DAY_LENGTH))
  const asked = await settleFinding({ suspect, key, reference, as: 'over-budget' }, zone, stores)
  return asked?.step === 'ask' ? asked : undefined
}

/** Notes what became of a finding. Returns it as it is then; undefined if that is not known. */
export async function settleFinding(
  given: Omit<SettleFinding, 'kind'>,
  { id, place }: ZoneTallies,
  stores: AnomalyStores,
): Promise<Finding | undefined> {
  const shard = shardOf(given.key)
  return (await answered(stores(id, shard, place)({ kind: 'settle', ...given }))) ?? undefined
}

/** Forgets an account, and what was found of it. Returns false if that is not known. */
export async function forgetAccount(
  account: string,
  { id, place }: ZoneTallies,
  stores: AnomalyStores,
): Promise<boolean> {
  const command = { kind: 'forget', suspect: 'account', key: account } as const
  const forgotten = await answered(stores(id, shardOf(account), place)(command))
  return forgotten !== undefined && 'isForgotten' in forgotten
}

type Outcome = AnomalyOutcome | null

async function answered<T extends Outcome>(
  asked: Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false }>,
): Promise<T | undefined> {
  const answer = await withTimeout(
    asked.catch(() => undefined),
    CALL_MS,
  )
  return answer?.ok === true ? answer.value : undefined
}

async function applyFinding(
  finding: Finding,
  subject: NamedSubject,
  { zone }: ZoneTallies,
  targets: EventTargets,
): Promise<Result<undefined, unknown>> {
  const event = eventOf(finding, subject)
  if (event === undefined) return err('nobody-to-ask')
  const anomaly = noticeOf(finding)
  const notice: StatementNotice = { anomaly, facts: { zone: zone.name, ...factsOf(subject) } }
  const applied = await applyEvent(event, zone, targets, actOf(finding, anomaly), notice)
  return applied.ok ? ok(undefined) : applied
}

/** A trip's key is its name: it tells nobody who made it. */
function tripSubject(name: string): NamedSubject {
  return { issuer: TRIP_ISSUER, jti: name }
}

/** Returns whom billing is told of. */
function factsOf({ issuer, account, jti = '' }: NamedSubject): Facts {
  if (account !== undefined) return { issuer, account }
  return issuer === TRIP_ISSUER ? { trip: jti } : { issuer, receipt: jti }
}

/** Returns what the finding states; undefined if it asks for a sign-in of somebody who has no account. */
function eventOf({ step, time, until, reference = '' }: Finding, subject: NamedSubject): BillingEvent | undefined {
  const { issuer, account, jti } = subject
  const hold = { name: holdName(reference), at: time, ...(until !== undefined && { until }) }
  if (step !== 'hold')
    return account === undefined
      ? undefined
      : { id: '', issuer, account, changes: [{ kind: 'statement', statement: { kind: 'sign-in-asked', at: time } }] }
  if (jti !== undefined)
    return { id: '', issuer, account: undefined, changes: [{ kind: 'token-named-hold', jti, ...hold }] }
  return { id: '', issuer, account, changes: [{ kind: 'statement', statement: { kind: 'named-hold', ...hold } }] }
}

function noticeOf({ step, until, reference = '', evidence, for: reasons }: Finding): AnomalyNotice {
  return {
    step: step === 'hold' ? 'hold' : 'ask',
    reference,
    ...(until !== undefined && { until: timeText(until * 1000) }),
    evidence: describeEvidence(evidence),
    for: reasons,
  }
}

function actOf({ step }: Finding, { reference, until, evidence }: AnomalyNotice): Act {
  const seen = evidence.map(({ signal, observed, usual, window }): [string, string] => [
    signal,
    `${numbersIn(observed)} within ${window}, usually ${numbersIn(usual)}`,
  ])
  const facts = { ...(until !== undefined && { until }), ...Object.fromEntries(seen) }
  return { action: step === 'hold' ? 'hold' : 'ask-sign-in', by: ANOMALIES, request: reference, facts }
}

function numbersIn(measures: Readonly<Record<string, number>>): string {
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
