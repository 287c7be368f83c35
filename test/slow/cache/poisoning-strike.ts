import { type Answer, askAll } from '../attacks/wire.ts'
import { type Gate, get, written } from './poisoning-gate.ts'
import { type Attack, MARK } from './poisoning-requests.ts'

/**
 * What differs between two answers though nobody has interfered. `Vary` names what any reader's answer has depended on, and
 * a coding is one of the three that servers use.
 */
const OF_EACH_ANSWER =
  /^(?:date|age|server-timing|cache-status|content-length|transfer-encoding|connection|vary|x-told-accept-encoding):.*\r?\n?/gim

/**
 * An answer without what is its own: times, the number of the page, the trace of the request that fetched it, and which of
 * the codings that servers use its reader took.
 */
export function plain(answer: Answer | undefined): string {
  if (answer === undefined) return 'no answer'
  return `${answer.head}\n\n${answer.body}`
    .replace(OF_EACH_ANSWER, '')
    .replace(/\b[0-9a-f]{32}-[0-9a-f]{16}\b/g, 'trace-span')
    .replace(/^accept-encoding: .*\n/gim, (line) =>
      line.replace(/\b(?:br|gzip|zstd|identity)\b,? ?/g, '').replace(/^accept-encoding: \n$/i, ''),
    )
    .replace(/\/\d{5}\b/g, '/N')
}

/** One page for each attack: the attacker's request for it, and what its victim asks. */
export type Strike = {
  readonly attacks: readonly Attack[]
  /** `/paid/reflect`: the page of an attack is its number below it. */
  readonly under: string
  readonly attacker?: readonly string[]
  readonly victim?: readonly string[]
}

export const page = (under: string, index: number): string => `${under}/${String(index).padStart(5, '0')}`

export function attacking({ attacks, under, attacker = [] }: Strike): Buffer[] {
  return attacks.map(({ method = 'GET', fields = [], body, host, target = (path) => path }, index) =>
    written({ line: `${method} ${target(page(under, index))}`, host, fields: [...attacker, ...fields], body }),
  )
}

/** The page as somebody gets it of whom no attacker knows. */
export async function untouched(gate: Gate, { under, victim = [] }: Strike): Promise<string> {
  const [answer] = await askAll(gate.port, [get(page(under, 99_999), ...victim)])
  return plain(answer)
}

/** Which victims got something else than they would have got unharmed: by which attack, and what. */
export async function harmed(gate: Gate, strike: Strike, answers: readonly (Answer | undefined)[]): Promise<string[]> {
  const expected = await untouched(gate, strike)
  return strike.attacks.flatMap(({ by }, index) => {
    const got = plain(answers[index])
    return got === expected && !got.includes(MARK)
      ? []
      : [`${strike.under}, by ${by}:\n${got}\ninstead of\n${expected}`]
  })
}

/** Every attacker asks, and then every victim. */
export async function strikes(gate: Gate, strike: Strike): Promise<string[]> {
  await askAll(gate.port, attacking(strike))
  return harmed(gate, strike, await visit(gate, strike))
}

export function visit(gate: Gate, { attacks, under, victim = [] }: Strike): Promise<readonly (Answer | undefined)[]> {
  return askAll(
    gate.port,
    attacks.map((_, index) => get(page(under, index), ...victim)),
  )
}
