/**
 * What weapons do to those they are meant for. Every victim lives the same days twice, once without the weapon: what differs
 * between the two is the weapon's doing.
 */
import { Detector } from '../../cli/anomalies/detector.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { type AnomalyPolicy, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { createPerson, type HonestKind, type Person, SHARES } from './honest.ts'
import { DAY, HOUR, observationOf, type Origin, type SimulatedLine } from './line.ts'
import { Random } from './random.ts'
import { tripOf, type Victim, WEAPONS } from './weapons.ts'

const DAYS = 36
const WEAPON_DAY = 26

/** What one weapon did to all victims. */
export interface Framed {
  readonly weapon: string
  readonly what: string
  readonly victims: number
  /** What was done to the victims' accounts and trips with the weapon, and not without it. */
  readonly harm: readonly Finding[]
  /** Steps without the weapon that were not taken with it: it would have hidden somebody. */
  readonly hidden: number
  /** What was done to all else: the attacker's own, and networks. */
  readonly raised: readonly Finding[]
}

const KINDS = Object.keys(SHARES) as HonestKind[]

/** Tries every weapon on so many people of each kind. */
export function frame(ofEachKind: number, policy: AnomalyPolicy, seed: number, weapons = WEAPONS): Framed[] {
  return Object.entries(weapons).map(([weapon, { what, lines }], number) => {
    const victims = Array.from({ length: ofEachKind * KINDS.length }, (_, index) => {
      const random = new Random(seed + 10_000 * number + index)
      const kind = KINDS[index % KINDS.length] ?? 'newsroom'
      return frameOne(createPerson(kind, `${weapon}-${index}`, random.whole(0, 2 ** 31)), random, lines, policy)
    })
    return {
      weapon,
      what,
      victims: victims.length,
      harm: victims.flatMap(({ harm }) => harm),
      hidden: victims.reduce((sum, { hidden }) => sum + hidden, 0),
      raised: victims.flatMap(({ raised }) => raised),
    }
  })
}

function frameOne(
  { account, linesOf }: Person,
  random: Random,
  weapon: (victim: Victim) => readonly SimulatedLine[],
  policy: AnomalyPolicy,
): Pick<Framed, 'harm' | 'hidden' | 'raised'> {
  const honest = Array.from({ length: DAYS }, (_, day) => linesOf(day)).flat()
  const from = WEAPON_DAY * DAY + random.whole(8 * HOUR, 12 * HOUR)
  const victim: Victim = { account, place: placeOf(honest), random, from, name: `against-${account}` }
  const without = findingsIn(honest, policy)
  const found = findingsIn([...honest, ...weapon(victim)], policy)
  const isVictims = ({ suspect, key }: Finding): boolean =>
    (suspect === 'account' && key === account) || (suspect === 'trip' && key === tripOf(victim))
  const before = new Set(without.filter(isVictims).map(nameOf))
  const after = new Set(found.filter(isVictims).map(nameOf))
  return {
    harm: found.filter((each) => isVictims(each) && !before.has(nameOf(each))),
    hidden: [...before].filter((name) => !after.has(name)).length,
    raised: found.filter((each) => !isVictims(each)),
  }
}

const nameOf = ({ step, suspect, time, evidence }: Finding): string =>
  `${step} ${suspect} ${time} ${evidence.map(({ signal }) => signal).join(' ')}`

function findingsIn(lines: readonly SimulatedLine[], policy: AnomalyPolicy): Finding[] {
  const detector = new Detector(SIGNALS, policy)
  return lines.toSorted((a, b) => a.at - b.at).flatMap((line) => detector.observe(observationOf(line)) ?? [])
}

/** Returns where most of the lines come from. */
function placeOf(lines: readonly SimulatedLine[]): Origin {
  const counts = new Map<string, { count: number; origin: Origin }>()
  for (const { network = '', asn = 0, country = '' } of lines) {
    const known = counts.get(network) ?? { count: 0, origin: { network, asn, country } }
    known.count += 1
    counts.set(network, known)
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count)
  return most?.origin ?? { network: 'nowhere', asn: 0, country: 'DE' }
}

/** Returns what each weapon did, to whom it was meant for and to all else. */
export function weaponTable(framed: readonly Framed[]): string[] {
  return [
    '| weapon: somebody … | victims | held | asked | slowed | noted | hidden | what it raised instead |',
    '|---|--:|--:|--:|--:|--:|--:|---|',
    ...framed.map(({ what, victims, harm, hidden, raised }) => {
      const counts = (['hold', 'ask', 'slow', 'note'] as const).map(
        (step) => harm.filter((each) => each.step === step).length,
      )
      return `| ${what} | ${victims} | ${counts.join(' | ')} | ${hidden} | ${raisedText(raised)} |`
    }),
  ]
}

const STEPS = { hold: 'held', ask: 'asked', slow: 'slowed', note: 'noted' } as const

function raisedText(raised: readonly Finding[]): string {
  const counts = new Map<string, number>()
  for (const { step, suspect } of raised) {
    const name = `${suspect}s ${STEPS[step]}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts.size === 0 ? 'nothing' : [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}
