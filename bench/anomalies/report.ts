/** The figures of simulations, as tables. */
import { type AttackKind, ATTACKS } from './attacks.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import type { HonestKind } from './honest.ts'
import { DAY, HOUR, MINUTE, START } from './line.ts'
import type { Simulated, Simulation } from './simulate.ts'
import { median } from '../statistics.ts'

export const MONTH_DAYS = 30.44

/** Within what time an attack is to be found; without one nothing is promised. */
const WITHIN: Readonly<Partial<Record<AttackKind, readonly [seconds: number, text: string]>>> = {
  resold: [DAY, 'a day'],
  drained: [DAY, 'a day'],
  takeover: [DAY, 'a day'],
  leakedKey: [DAY, 'a day'],
  drip: [7 * DAY, 'a week'],
  reuse: [10 * MINUTE, '10 min'],
  guessing: [10 * MINUTE, '10 min'],
  cards: [10 * MINUTE, '10 min'],
  trips: [10 * MINUTE, '10 min'],
}

const perThousand = (count: number, months: number): string => ((count / months) * 1000).toFixed(2)

/** Returns what honest accounts suffer, by kind. */
export function honestTable(all: readonly Simulated[], { days }: Simulation): string[] {
  const honest = all.flatMap((each) => each.honest)
  const kinds = [...new Set(honest.map(({ kind }) => kind))]
  const row = (name: string, of: readonly { findings: readonly { step: string }[] }[]): string => {
    const months = (of.length * days) / MONTH_DAYS
    const steps = of.flatMap(({ findings }) => findings.map(({ step }) => step))
    const counts = ['hold', 'ask', 'note'].map((step) => steps.filter((each) => each === step).length)
    const [holds = 0, asks = 0, notes = 0] = counts
    return `| ${name} | ${months.toFixed(0)} | ${holds} | ${perThousand(holds, months)} | ${asks} | ${perThousand(asks, months)} | ${perThousand(notes, months)} |`
  }
  return [
    '| honest accounts | account-months | held | per 1,000 | asked | per 1,000 | noted per 1,000 |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...kinds.map((kind: HonestKind) =>
      row(
        kind,
        honest.filter((each) => each.kind === kind),
      ),
    ),
    row('**all**', honest),
  ]
}

/** The most that is expected, with 95 % certainty, where so many were seen (Poisson). */
const BOUNDS = [2.996, 4.744, 6.296, 7.754, 9.154, 10.513]

/** Returns what the holds of honest accounts say of all others like them. */
export function boundLine(all: readonly Simulated[], { days }: Simulation): string {
  const honest = all.flatMap((each) => each.honest)
  const months = (honest.length * days) / MONTH_DAYS
  const holds = honest.flatMap(({ findings }) => findings).filter(({ step }) => step === 'hold').length
  const bound = BOUNDS[holds]
  const most = bound === undefined ? 'many' : ((bound / months) * 1000).toFixed(3)
  return `${holds} held in ${months.toFixed(0)} account-months: with 95 % certainty, fewer than ${most} in 1,000 of accounts like these.`
}

/** Returns how many attacks are found in time, and how. */
export function attackTable(all: readonly Simulated[]): string[] {
  const attacks = all.flatMap((each) => each.attacks)
  return [
    '| attack | cases | found | within | recall | median delay | held | noted alone |',
    '|---|--:|--:|---|--:|--:|--:|--:|',
    ...ATTACKS.map((kind) =>
      attackRow(
        kind,
        attacks.filter(({ attack }) => attack.kind === kind),
      ),
    ),
  ]
}

function attackRow(kind: AttackKind, cases: Simulated['attacks']): string {
  const [most, within] = WITHIN[kind] ?? [DAY, 'a day']
  const delays = cases.map(({ attack, findings }) => {
    const first = findings.find(({ step, time }) => step !== 'note' && time - START >= attack.from)
    return first === undefined ? Infinity : first.time - START - attack.from
  })
  const found = delays.filter((delay) => delay <= most)
  const during = cases.map(({ attack, findings }) =>
    findings.filter(({ time }) => time - START >= attack.from && time - START <= attack.until).map(({ step }) => step),
  )
  const held = during.filter((steps) => steps.includes('hold')).length
  const noted = during.filter((steps) => steps.length > 0 && steps.every((step) => step === 'note')).length
  const delay = found.length === 0 ? '–' : durationText(median(found))
  return `| ${kind} | ${cases.length} | ${found.length} | ${within} | ${(found.length / cases.length).toFixed(2)} | ${delay} | ${held} | ${noted} |`
}

function durationText(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`
  return seconds < 2 * HOUR ? `${Math.round(seconds / MINUTE)} min` : `${(seconds / HOUR).toFixed(1)} h`
}

/** Returns precision of each step on accounts, and what was done to bystanders. */
export function precisionLines(all: readonly Simulated[]): string[] {
  const honest = all.flatMap(({ honest: each }) => each.flatMap(({ findings }) => findings))
  const onVictims = all.flatMap(({ attacks }) =>
    attacks.flatMap(({ attack, findings }) =>
      findings.map((finding) => ({
        finding,
        isRight: finding.time - START >= attack.from && finding.time - START <= attack.until,
      })),
    ),
  )
  const bystanders = all.flatMap((each) => each.bystanders).filter(({ step }) => step !== 'note')
  const lineOf = (step: string): string => {
    const right = onVictims.filter(
      (each) => each.isRight && each.finding.step === step && each.finding.suspect === 'account',
    ).length
    const wrong =
      honest.filter((each) => each.step === step).length +
      onVictims.filter((each) => !each.isRight && each.finding.step === step && each.finding.suspect === 'account')
        .length
    return `${step}: ${right} right, ${wrong} wrong (precision ${right + wrong === 0 ? '–' : (right / (right + wrong)).toFixed(3)})`
  }
  const trips = bystanders.filter(({ suspect }) => suspect === 'trip').length
  const networks = bystanders.filter(({ suspect }) => suspect === 'network').length
  const tokens = bystanders.filter(({ suspect }) => suspect === 'token').length
  const holds = all
    .flatMap((each) => [
      ...each.honest.flatMap(({ findings }) => findings),
      ...each.attacks.flatMap(({ findings }) => findings),
      ...each.bystanders,
    ])
    .filter(({ step }) => step === 'hold')
  const whole = holds.filter(isWhole).length
  return [
    `On accounts, ${lineOf('hold')}; ${lineOf('ask')}.`,
    `Of honest people’s trips ${trips} were held, of networks ${networks} slowed, of receipts ${tokens} held.`,
    `Of ${holds.length} holds ${whole} had an end, numbers beside the usual ones, requests that show them, and a reference.`,
  ]
}

function isWhole({ time, until, evidence, reference }: Finding): boolean {
  const isShown = evidence.every(
    ({ observed, usual, requests }) =>
      Object.keys(observed).length > 0 && Object.keys(usual).length > 0 && requests.length > 0 && requests.length <= 5,
  )
  return until !== undefined && until > time && evidence.length > 0 && isShown && reference !== undefined
}
