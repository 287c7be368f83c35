/** Runs the detectors over a simulated site, day by day in the order of time, and notes what they do to whom. */
import { Detector } from '../../cli/anomalies/detector.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { type AnomalyPolicy, DEFAULT_POLICY, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { answerSuspect } from '../../src/anomalies/rules/suspect.ts'
import { type Attack, ATTACKS, createAttack } from './attacks.ts'
import { crowdOf } from './crowd.ts'
import { createPerson, type HonestKind, type Person, SHARES } from './honest.ts'
import { DAY, HOUR, MINUTE, observationOf, type SimulatedLine, START } from './line.ts'
import { Random } from './random.ts'

export interface Simulation {
  readonly accounts: number
  readonly days: number
  readonly attacksOfEach: number
}

export interface Simulated {
  readonly observations: number
  /** Honest accounts, and what was done to them. */
  readonly honest: readonly { readonly kind: HonestKind; readonly findings: readonly Finding[] }[]
  readonly attacks: readonly { readonly attack: Attack; readonly findings: readonly Finding[] }[]
  /** What was done to networks, trips and tokens of nobody's attack. */
  readonly bystanders: readonly Finding[]
}

/**
 * Nobody is trusted and no hold is refused by a budget: both would only lower what honest accounts suffer, and they are no
 * merit of the signals.
 */
export const UNBOUNDED: AnomalyPolicy = {
  ...DEFAULT_POLICY,
  hold: { ...DEFAULT_POLICY.hold, perDay: Infinity },
  trusted: { afterSeconds: Infinity, charges: Infinity },
}

/** Attacks begin when something is known of their victims. */
const FIRST_ATTACK = 25

export function simulate({ accounts, days, attacksOfEach }: Simulation, seed: number): Simulated {
  const random = new Random(seed)
  const honest = people('reader', accounts, random)
  const victims = people('victim', ATTACKS.length * attacksOfEach, random)
  const attacks = victims.map(({ account }, index) => attackOn(account, index, days, random))
  const seen = new Seen(attacks)
  const detector = new Detector(SIGNALS, UNBOUNDED, {
    account: Infinity,
    token: Infinity,
    network: 20_000,
    trip: Infinity,
  })
  let observations = 0
  for (let day = 0; day < days; day++) {
    const lines: SimulatedLine[] = [
      ...crowdOf(day, random),
      ...[...honest, ...victims].flatMap((each) => each.linesOf(day)),
    ]
    for (const { lines: more } of attacks)
      for (const line of more) if (Math.floor(line.at / DAY) === day) lines.push(line)
    for (const line of lines.sort((a, b) => a.at - b.at)) {
      observations += 1
      const observation = observationOf(line)
      if (seen.isStopped(line)) continue
      if (line.account !== undefined) seen.signIn(line, detector)
      for (const finding of detector.observe(observation) ?? []) seen.add(finding, line)
    }
  }
  return { observations, ...seen.end(honest) }
}

function people(name: string, count: number, random: Random): Person[] {
  const kinds = (Object.entries(SHARES) as [HonestKind, number][]).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kind),
  )
  return Array.from({ length: count }, (_, index) =>
    createPerson(kinds[(index * 37) % kinds.length] ?? 'commuter', `${name}-${index}`, random.whole(0, 2 ** 31)),
  )
}

function attackOn(account: string, index: number, days: number, random: Random): Attack {
  const kind = ATTACKS[index % ATTACKS.length] ?? 'resold'
  const from = random.whole(FIRST_ATTACK, days - 9) * DAY + random.whole(0, 12 * HOUR)
  return createAttack(kind, { random, account, from, name: `${kind}-${index}` })
}

/** Owners sign in some hours after they are asked, thieves with the password at once. */
const OWNER_SECONDS = 4 * HOUR
const THIEF_SECONDS = 10 * MINUTE

/** What was found so far, and what comes of it. */
class Seen {
  readonly #byKey = new Map<string, Finding[]>()
  readonly #attackOf = new Map<string, Attack>()
  /** When an account was last asked, or held until. */
  readonly #asked = new Map<string, number>()
  readonly #stopped = new Set<Attack>()
  readonly #attackLines = new Set<object>()
  readonly #attacks: readonly Attack[]

  constructor(attacks: readonly Attack[]) {
    this.#attacks = attacks
    for (const attack of attacks) {
      for (const key of attack.keys) this.#attackOf.set(key, attack)
      for (const line of attack.lines) this.#attackLines.add(line)
    }
  }

  /** True of what comes with a token that is worth nothing since its owner was asked to sign in anew. */
  isStopped(line: SimulatedLine): boolean {
    const attack = this.#attackLines.has(line) ? this.#attackOf.get(line.account ?? '') : undefined
    return attack !== undefined && !attack.hasPassword && this.#stopped.has(attack)
  }

  signIn(line: SimulatedLine, detector: Detector): void {
    const account = line.account ?? ''
    const asked = this.#asked.get(account)
    const wait = this.#attackOf.get(account)?.hasPassword ? THIEF_SECONDS : OWNER_SECONDS
    const state = asked === undefined || line.at - asked < wait ? undefined : detector.stateOf('account', account)
    if (state === undefined) return
    this.#asked.delete(account)
    answerSuspect(state, START + line.at)
  }

  add(finding: Finding, line: SimulatedLine): void {
    const { key, step, suspect } = finding
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), finding])
    if (suspect !== 'account' || (step !== 'ask' && step !== 'hold')) return
    this.#asked.set(key, line.at)
    const attack = this.#attackOf.get(key)
    if (attack !== undefined && line.at >= attack.from) this.#stopped.add(attack)
  }

  end(honest: readonly Person[]): Omit<Simulated, 'observations'> {
    const known = new Set([...honest.map(({ account }) => account), ...this.#attackOf.keys()])
    return {
      honest: honest.map(({ account, kind }) => ({ kind, findings: this.#byKey.get(account) ?? [] })),
      attacks: this.#attacks.map((attack) => ({
        attack,
        findings: [...attack.keys].flatMap((key) => this.#byKey.get(key) ?? []),
      })),
      // Victims of guessing, cards and receipts are nobody's account.
      bystanders: [...this.#byKey]
        .filter(([key]) => !known.has(key) && !key.startsWith('victim-'))
        .flatMap(([, found]) => found),
    }
  }
}
