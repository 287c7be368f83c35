import type { Evidence } from '../../src/anomalies/rules/finding.ts'
import { ANOMALY_STEPS } from '../../src/anomalies/rules/policy.ts'
import type { Measures } from '../../src/anomalies/rules/signal.ts'
import type { Rehearsal, Rehearsed } from './rehearsal.ts'

const TITLES = {
  hold: 'Would have been held',
  ask: 'Would have been asked to sign in anew',
  slow: 'Would have been slowed',
} as const

const AFTERWARDS = {
  paying: 'went on paying',
  stopped: 'was held, or its subscription ended',
  unknown: 'nothing more is known',
} as const

/** Returns a rehearsal as lines of text: the honest, as far as can be told, before the rest. `most`: of each step. */
export function rehearsalText(rehearsal: Rehearsal, most: number): string[] {
  const { requests, from, until, rehearsed } = rehearsal
  const lines = [`${counted(requests, 'request')}${from === undefined ? '' : `, from ${from} to ${until}`}.`, '']
  for (const step of ['hold', 'ask', 'slow'] as const) {
    const all = rehearsed.filter(({ finding }) => finding.step === step)
    lines.push(`${TITLES[step]}: ${all.length}${summaryOf(all)}`)
    for (const each of all.sort((a, b) => rankOf(a) - rankOf(b)).slice(0, most)) lines.push(...findingLines(each))
    if (all.length > most) lines.push(`  and ${all.length - most} more: see --most`)
  }
  lines.push('', 'By signal:')
  for (const step of ANOMALY_STEPS.toReversed()) {
    const signals = Object.entries<number>(rehearsal.counts[step]).map(([signal, count]) => `${signal} ${count}`)
    if (signals.length > 0) lines.push(`  ${step}: ${signals.join(', ')}`)
  }
  return lines
}

/** Returns what a reader of a rehearsal must know to trust it. */
export function rehearsalWarnings(rehearsal: Rehearsal): string[] {
  const { bad, badLines, others, sampled, unordered, forgotten, unlisted, alerts, untried } = rehearsal
  const warnings = badLines.map(({ line, why }) => `line ${line}: ${why}`)
  if (bad > badLines.length) warnings.push(`and ${counted(bad - badLines.length, 'more line')} that cannot be read`)
  if (others > 0) warnings.push(`${counted(others, 'line')} of something else than a request`)
  if (sampled > 0)
    warnings.push(
      `${counted(sampled, 'line')} stand for others, which were not written: signals that count saw too little`,
    )
  if (unordered > 0)
    warnings.push(`${counted(unordered, 'line')} more than an hour out of order: sort the file by time`)
  if (forgotten > 0) warnings.push(`${counted(forgotten, 'suspect')} forgotten, because there were too many`)
  if (unlisted > 0) warnings.push(`${counted(unlisted, 'step')} more than are listed`)
  if (alerts.length > 0) warnings.push(`the holds of a day would have been used up on ${alerts.join(', ')}`)
  for (const [signal, members] of Object.entries(untried))
    warnings.push(`${signal} was not tried: no line has ${members.map((name) => `"${name}"`).join(' or ')}`)
  return warnings
}

function summaryOf(all: readonly Rehearsed[]): string {
  const parts = (['paying', 'stopped', 'unknown'] as const)
    .map((afterwards) => [all.filter((each) => isOf(each, afterwards)).length, AFTERWARDS[afterwards]] as const)
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
  return parts.length === 0 ? '' : ` (accounts: ${parts.join('; ')})`
}

function isOf({ finding, afterwards }: Rehearsed, what: Rehearsed['afterwards']): boolean {
  return finding.suspect === 'account' && afterwards === what
}

function rankOf({ afterwards, finding }: Rehearsed): number {
  return finding.suspect === 'account' ? ['paying', 'unknown', 'stopped'].indexOf(afterwards) : 3
}

function findingLines({ finding, afterwards, charges }: Rehearsed): string[] {
  const { suspect, key, time, until, evidence, reference, isOverBudget } = finding
  const end = until === undefined ? '' : `, until ${timeOf(until)}`
  const after =
    suspect === 'account'
      ? ` Later: ${AFTERWARDS[afterwards]}${charges > 0 ? `, ${counted(charges, 'charge')}` : ''}.`
      : ''
  return [
    `  ${timeOf(time)}${end}: ${suspect} ${key}${reference === undefined ? '' : `, request ${reference}`}${isOverBudget ? ', in place of a hold beyond the day’s' : ''}`,
    ...evidence.map((each) => `    ${evidenceText(each)}`),
    `    for it: ${finding.for.length === 0 ? 'nothing is known' : finding.for.join(', ')}.${after}`,
  ]
}

function evidenceText({ signal, observed, usual, window, requests }: Evidence): string {
  return `${signal}: ${measuresText(observed)} in ${window}, usually ${measuresText(usual)}; ${requests.join(' ')}`
}

function measuresText(measures: Measures): string {
  return Object.entries(measures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '')
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
