/** What a request can ask the provider to do, beside to answer. The list is at the head of `models.ts`. */
const NAMES = [
  'audio-in',
  'audio-out',
  'big',
  'cache-write-long',
  'cache-write',
  'cached',
  'continuation',
  'crlf',
  'dies-after',
  'ends-after',
  'error-after',
  'error-first',
  'failed',
  'first',
  'headers',
  'incomplete',
  'never-ends',
  'no-usage',
  'pause-after',
  'region',
  'search',
  'served',
  'slow-first',
  'slow',
  'snapshot',
  'split',
  'status',
  'strict',
  'thinking',
  'tier',
  'tokens',
  'tool-prompt',
  'tool',
  'usage-less',
  'usage-more',
  'usage-twice',
] as const

export type FaultName = (typeof NAMES)[number]

/** What one request asked for, with the value after the name: `tokens-500` is `['tokens', '500']`. */
export type Faults = ReadonlyMap<FaultName, string>

/** Reads `gpt-test~tokens-500~no-usage`, and `[[tokens-500, no-usage]]` in a prompt. Throws for a name that it does not know. */
export function faultsIn(model: string, prompt: string): Faults {
  const inPrompt = Array.from(prompt.matchAll(/\[\[([^\]]*)\]\]/g), (match) => (match[1] ?? '').split(','))
  const asked = [...model.split('~').slice(1), ...inPrompt.flat()].map((text) => text.trim()).filter(Boolean)
  return new Map(asked.map(faultOf))
}

function faultOf(text: string): [FaultName, string] {
  const name = NAMES.find((name) => text === name || text.startsWith(`${name}-`))
  if (name === undefined) throw new UnknownFault(`no such fault: ${text}`)
  return [name, text.slice(name.length + 1)]
}

export class UnknownFault extends Error {}

/** Returns the number that goes with a fault, or undefined if it was not asked for. */
export function numberOf(faults: Faults, name: FaultName): number | undefined {
  const value = faults.get(name)
  return value === undefined ? undefined : Number(value || 1)
}
