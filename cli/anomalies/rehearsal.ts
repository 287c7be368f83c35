/**
 * A rehearsal: what a policy would have done, had it been there when a log was written, and how those went on to whom it
 * would have been done. Reads each line once, and keeps what is bounded.
 */
import { Detector } from './detector.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { observedAt } from '../../src/anomalies/rules/observation.ts'
import { type AnomalyPolicy, type AnomalyStep, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { readLogLine, type RequestLine } from './loglines.ts'

/** `stopped`: an operator or billing ended it too. `paying`: it went on paying. */
export type Afterwards = 'stopped' | 'paying' | 'unknown'

export interface Rehearsed {
  readonly finding: Finding
  /** Of an account: how it went on in the thirty days after. */
  afterwards: Afterwards
  /** Charges more than a day after. */
  charges: number
}

export interface Rehearsal {
  readonly lines: number
  readonly requests: number
  readonly from: string | undefined
  readonly until: string | undefined
  /** Lines that could not be read, the first of them by their number. */
  readonly bad: number
  readonly badLines: readonly { readonly line: number; readonly why: string }[]
  /** Lines that are no request's. */
  readonly others: number
  /** Lines that stand for others: what was left out was not looked at. */
  readonly sampled: number
  readonly unordered: number
  readonly forgotten: number
  /** Steps by signal. */
  readonly counts: Readonly<Record<AnomalyStep, Readonly<Record<string, number>>>>
  readonly rehearsed: readonly Rehearsed[]
  /** Steps beyond those that are listed. */
  readonly unlisted: number
  /** Days on which holds would have been used up. */
  readonly alerts: readonly string[]
  /** Signals that the log says nothing for, with the members that it lacks. */
  readonly untried: Readonly<Record<string, readonly string[]>>
}

const MOST_BAD = 10
const MOST_LISTED = 10_000
const DAY_LENGTH = 86_400
const AFTER_SECONDS = 30 * DAY_LENGTH

/** What each signal needs of a log: any one of these members. */
const NEEDS: Readonly<Record<string, readonly (keyof RequestLine)[]>> = {
  hands: ['network', 'country'],
  spend: ['charged'],
  rate: ['account'],
  reuse: ['token'],
  guessing: ['network'],
  declines: ['event'],
  trips: ['event'],
  revoked: ['token'],
}

const NEEDED = [...new Set(Object.values(NEEDS).flat())]

const STOPPED = new Set(['security-hold', 'subscription-inactive'])

/** Reads all lines, and returns what would have been done. An undefined line is one that was too long. */
export async function rehearse(lines: AsyncIterable<string | undefined>, policy: AnomalyPolicy): Promise<Rehearsal> {
  const rehearsing = new Rehearsing(policy)
  for await (const text of lines) rehearsing.take(text)
  return rehearsing.end()
}

class Rehearsing {
  readonly #detector: Detector
  readonly #sums = { lines: 0, requests: 0, bad: 0, others: 0, sampled: 0, unordered: 0, unlisted: 0 }
  readonly #badLines: { line: number; why: string }[] = []
  readonly #counts: Record<AnomalyStep, Record<string, number>> = { note: {}, slow: {}, ask: {}, hold: {} }
  readonly #rehearsed: Rehearsed[] = []
  readonly #accounts = new Map<string, Rehearsed[]>()
  readonly #seen = new Set<keyof RequestLine>()
  #times: { from?: string; until?: string; latest: number } = { latest: 0 }

  constructor(policy: AnomalyPolicy) {
    this.#detector = new Detector(SIGNALS, policy, { network: 20_000 })
  }

  take(text: string | undefined): void {
    this.#sums.lines += 1
    if (text?.trim() === '') return
    const read = readLogLine(text)
    if (read.kind === 'other') this.#sums.others += 1
    if (read.kind === 'bad') this.#complain(read.why)
    if (read.kind !== 'request') return
    const { line } = read
    const now = observedAt(line)
    const findings = this.#detector.observe(line)
    if (now === undefined || findings === undefined) return this.#complain('"time" is no time')
    this.#note(line, now)
    goOn(this.#accounts.get(line.account ?? ''), line, now)
    for (const finding of findings) this.#keep(finding)
  }

  end(): Rehearsal {
    const { from, until } = this.#times
    return {
      ...this.#sums,
      from,
      until,
      badLines: this.#badLines,
      counts: this.#counts,
      rehearsed: this.#rehearsed,
      forgotten: this.#detector.forgotten,
      alerts: this.#detector.alerts.map((time) => new Date(time * 1000).toISOString().slice(0, 10)),
      untried: Object.fromEntries(
        Object.entries(NEEDS).filter(([, members]) => !members.some((name) => this.#seen.has(name))),
      ),
    }
  }

  #complain(why: string): void {
    this.#sums.bad += 1
    if (this.#badLines.length < MOST_BAD) this.#badLines.push({ line: this.#sums.lines, why })
  }

  #note(line: RequestLine, now: number): void {
    this.#sums.requests += 1
    if (line.sampled !== undefined) this.#sums.sampled += 1
    if (now < this.#times.latest - 3600) this.#sums.unordered += 1
    const from = this.#times.from ?? line.time
    this.#times = { from, until: line.time, latest: Math.max(this.#times.latest, now) }
    for (const name of NEEDED) if (line[name] !== undefined) this.#seen.add(name)
  }

  #keep(finding: Finding): void {
    const bySignal = this.#counts[finding.step]
    for (const { signal } of finding.evidence) bySignal[signal] = (bySignal[signal] ?? 0) + 1
    if (finding.step === 'note') return
    if (this.#rehearsed.length >= MOST_LISTED) {
      this.#sums.unlisted += 1
      return
    }
    const each: Rehearsed = { finding, afterwards: 'unknown', charges: 0 }
    this.#rehearsed.push(each)
    if (finding.suspect !== 'account') return
    this.#accounts.set(finding.key, [...(this.#accounts.get(finding.key) ?? []).slice(-20), each])
  }
}

/** Notes how an account goes on to which something would have been done. */
function goOn(all: readonly Rehearsed[] | undefined, line: RequestLine, now: number): void {
  for (const each of all ?? []) {
    const after = now - each.finding.time
    if (after <= 0 || after > AFTER_SECONDS) continue
    const isStopped =
      line.audit?.action === 'hold' || (line.credential === 'verified' && STOPPED.has(line.reason ?? ''))
    if (isStopped) each.afterwards = 'stopped'
    if (after <= DAY_LENGTH || line.charged === undefined) continue
    each.charges += 1
    if (each.afterwards === 'unknown') each.afterwards = 'paying'
  }
}
