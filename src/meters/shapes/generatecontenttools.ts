import type { FeeName } from '../llm/rules/tokenusage.ts'
import { inCamelCase } from './generatecontentparts.ts'
import { notSold, type RequestMembers } from './members.ts'

/** The tools that a request to Gemini declares. */
export interface GeminiTools {
  readonly isAny: boolean
  readonly hiddenBytes: number
  /** The tools that the provider runs, by their names in REST: `google_search`. */
  readonly run: readonly string[]
  /** How often the model may read its input, at most. */
  readonly rounds: number
  readonly fees: Partial<Record<FeeName, bigint | undefined>>
}

/** Tools that the provider runs, with the times that its model may read again what they found. */
const ROUNDS: Readonly<Record<string, number>> = {
  googleSearch: 2,
  googleSearchRetrieval: 2,
  urlContext: 2,
  codeExecution: 6,
}
const OTHER_ROUNDS = 10
/** Tools whose price has no unit here, or that read what is kept for the operator. */
const UNSOLD = new Set('googleMaps fileSearch retrieval enterpriseWebSearch exaAiSearch parallelAiSearch'.split(' '))
/** More than what the provider tells the model of a computer that the client runs. */
const COMPUTER_BYTES = 16_000
/** Models that pay for a prompt that was grounded, and not for each search. */
const PAYS_BY_PROMPT = /^gemini-[12]/

/** Reads the tools of a request. Refuses those that cannot be metered. */
export function geminiTools(members: RequestMembers, model: string): GeminiTools {
  const run = new Set<string>()
  let [isAny, hiddenBytes, rounds] = [false, 0, 1]
  const fees: Partial<Record<FeeName, bigint | undefined>> = {}
  for (const [name, value] of members.objects('tools').flatMap((tool) => Object.entries(inCamelCase(tool)))) {
    if (value === null) continue
    isAny = true
    if (name === 'functionDeclarations') continue
    if (name === 'computerUse') {
      hiddenBytes += COMPUTER_BYTES
      continue
    }
    if (UNSOLD.has(name)) members.refuse(notSold(`What "${name}" costs cannot be counted`))
    run.add(name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    rounds = Math.max(rounds, ROUNDS[name] ?? OTHER_ROUNDS)
    if (name.startsWith('googleSearch')) fees.webSearch = PAYS_BY_PROMPT.test(model) ? 1n : undefined
  }
  return { isAny, hiddenBytes, run: [...run], rounds, fees }
}

/** Returns how many searches a model's queries are paid for. Queries are counted once each, and empty ones not at all. */
export function paidSearches(queries: ReadonlySet<string>, model: string): bigint {
  return queries.size > 0 && PAYS_BY_PROMPT.test(model) ? 1n : BigInt(queries.size)
}
