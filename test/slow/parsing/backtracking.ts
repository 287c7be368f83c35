import { type AST, RegExpParser } from '@eslint-community/regexpp'

/**
 * Runs a regular expression as a backtracking engine does, and counts the places it looks at: what V8 does not tell. What it
 * finds is for its caller to compare with what the real engine finds. It keeps its own stack, for a path may repeat a group
 * thousands of times, and uses neither built-in functions nor iterators for each character: those are counted, which costs
 * more than the step.
 */

/** Where a match begins and ends, and how many steps it took to know. */
export interface Run {
  readonly found: readonly [start: number, end: number] | undefined
  readonly steps: number
}

/**
 * `take` goes past a character, `hold` past none if what it asks holds, `split` tries the instruction `first` and then
 * `second`, `jump` goes to `first`. All have one shape, which is what makes the loop below fast.
 */
interface Instruction {
  readonly does: 'take' | 'hold' | 'split' | 'jump' | 'match'
  readonly first: number
  readonly second: number
  readonly takes: (code: number) => boolean
  readonly holds: (at: number) => boolean
}

const never = (): boolean => false
const instruction = (given: Pick<Instruction, 'does'> & Partial<Instruction>): Instruction => ({
  does: given.does,
  first: given.first ?? 0,
  second: given.second ?? 0,
  takes: given.takes ?? never,
  holds: given.holds ?? never,
})

interface State {
  text: string
  /** Its UTF-16 code units. */
  units: Uint16Array
  steps: number
}

interface Program {
  readonly state: State
  readonly isUnicode: boolean
  /** Where to go on if this fails: an instruction and a place in the text, by turns. */
  readonly left: number[]
  readonly instructions: readonly Instruction[]
}

const programs = new Map<string, Program>()

/** Looks for the pattern from a place in the text on; where it is sticky, at that place alone. */
export function run(pattern: RegExp, text: string, from: number): Run {
  const key = `${pattern.flags}/${pattern.source}`
  const program = programs.get(key) ?? compile(pattern)
  programs.set(key, program)
  const { state } = program
  state.steps = 0
  if (state.text !== text) Object.assign(state, { text, units: unitsOf(text) })
  const most = pattern.sticky ? from : text.length
  for (let start = from; start <= most; start += 1) {
    const end = execute(program, start)
    if (end !== -1) return { found: [start, end], steps: state.steps }
  }
  return { found: undefined, steps: state.steps }
}

function unitsOf(text: string): Uint16Array {
  const { buffer, byteOffset } = Buffer.from(text, 'utf16le')
  return new Uint16Array(buffer, byteOffset, text.length)
}

/** The end of the first match that begins here, or of the first that ends where it is to; -1 if there is none. */
function execute({ state, instructions, left, isUnicode }: Program, from: number, wanted = -1): number {
  const { units } = state
  let next = 0
  let at = from
  let steps = 0
  let top = 0
  for (;;) {
    steps++
    const { does, first, second, takes, holds } = instructions[next] ?? END
    let isTaken = true
    next++
    if (does === 'take') {
      const code = isUnicode ? codePointAt(units, at) : (units[at] ?? -1)
      isTaken = code !== -1 && takes(code)
      at += code > 0xffff ? 2 : 1
    } else if (does === 'split') {
      left[top++] = second
      left[top++] = at
      next = first
    } else if (does === 'jump') next = first
    else if (does === 'hold') isTaken = holds(at)
    else if (wanted === -1 || at === wanted) break
    else isTaken = false
    if (isTaken) continue
    if (top === 0) {
      at = -1
      break
    }
    at = left[--top] ?? 0
    next = left[--top] ?? 0
  }
  state.steps += steps
  return at
}

function codePointAt(units: Uint16Array, at: number): number {
  const unit = units[at] ?? -1
  const low = units[at + 1] ?? -1
  const isPair = unit >= 0xd800 && unit <= 0xdbff && low >= 0xdc00 && low <= 0xdfff
  return isPair ? (unit - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000 : unit
}

function compile({ source, flags }: RegExp): Program {
  const [unicode, unicodeSets] = [flags.includes('u'), flags.includes('v')]
  const tree = new RegExpParser().parsePattern(source, 0, source.length, { unicode, unicodeSets })
  return new Compiler(flags).program(tree.alternatives)
}

class Compiler {
  readonly #state: State = { text: '', units: new Uint16Array(), steps: 0 }
  readonly #flags: string
  readonly #isUnicode: boolean
  #instructions: Instruction[] = []

  constructor(flags: string) {
    this.#flags = flags.replace(/[gyd]/g, '')
    this.#isUnicode = /[uv]/.test(flags)
  }

  program(alternatives: readonly AST.Alternative[]): Program {
    const outer = this.#instructions
    const instructions: Instruction[] = []
    this.#instructions = instructions
    this.#oneOf(alternatives)
    instructions.push(END)
    this.#instructions = outer
    return { state: this.#state, instructions, left: [], isUnicode: this.#isUnicode }
  }

  /** Leaves a place for an instruction that names a later one. */
  #reserve(): (given: Parameters<typeof instruction>[0]) => void {
    const instructions = this.#instructions
    const place = instructions.push(END) - 1
    return (given) => void (instructions[place] = instruction(given))
  }

  #here(): number {
    return this.#instructions.length
  }

  #oneOf(alternatives: readonly AST.Alternative[]): void {
    const ends: ((given: { does: 'jump'; first: number }) => void)[] = []
    alternatives.forEach(({ elements }, index) => {
      const isLast = index === alternatives.length - 1
      const split = isLast ? undefined : this.#reserve()
      const first = this.#here()
      for (const element of elements) this.#one(element)
      if (!isLast) ends.push(this.#reserve())
      split?.({ does: 'split', first, second: this.#here() })
    })
    for (const end of ends) end({ does: 'jump', first: this.#here() })
  }

  #one(element: AST.Element): void {
    if (CHARACTERS.includes(element.type))
      this.#instructions.push(instruction({ does: 'take', takes: this.#takes(element) }))
    else if (element.type === 'Group' || element.type === 'CapturingGroup') this.#oneOf(element.alternatives)
    else if (element.type === 'Quantifier') this.#repeated(element)
    else if (element.type === 'Assertion')
      this.#instructions.push(instruction({ does: 'hold', holds: this.#assertion(element) }))
    else throw new Error(`nothing here runs ${element.raw}`)
  }

  #repeated({ element, min, max, greedy, raw }: AST.Quantifier): void {
    if (mayBeEmpty(element)) throw new Error(`nothing here runs ${raw}`)
    for (let times = 0; times < min; times += 1) this.#one(element)
    const splits: (() => void)[] = []
    const choice = (): void => {
      const split = this.#reserve()
      const body = this.#here()
      splits.push(() => {
        const end = this.#here()
        split({ does: 'split', first: greedy ? body : end, second: greedy ? end : body })
      })
    }
    if (max === Infinity) {
      const again = this.#here()
      choice()
      this.#one(element)
      this.#instructions.push(instruction({ does: 'jump', first: again }))
    } else
      for (let times = min; times < max; times += 1) {
        choice()
        this.#one(element)
      }
    for (const split of splits) split()
  }

  #takes({ raw }: AST.Element): (code: number) => boolean {
    const pattern = new RegExp(`^(?:${raw})$`, this.#flags)
    const isTaken = (code: number): boolean => pattern.test(String.fromCodePoint(code))
    const ascii = Array.from({ length: 128 }, (_, code) => isTaken(code))
    return (code) => ascii[code] ?? isTaken(code)
  }

  #assertion(assertion: AST.Assertion): (at: number) => boolean {
    const state = this.#state
    const byLine = this.#flags.includes('m')
    if (assertion.kind === 'start') return (at) => at === 0 || (byLine && state.text[at - 1] === '\n')
    if (assertion.kind === 'end') return (at) => at === state.text.length || (byLine && state.text[at] === '\n')
    if (assertion.kind === 'word') throw new Error(`nothing here runs ${assertion.raw}`)
    const { kind, negate, alternatives } = assertion as AST.LookaroundAssertion
    const program = this.program(alternatives)
    // What is looked for behind is of one character, here.
    if (kind === 'lookbehind') return (at) => (at > 0 && execute(program, at - 1, at) !== -1) !== negate
    return (at) => (execute(program, at) !== -1) !== negate
  }
}

const END = instruction({ does: 'match' })

const CHARACTERS: readonly AST.Element['type'][] = [
  'Character',
  'CharacterSet',
  'CharacterClass',
  'ExpressionCharacterClass',
]

function mayBeEmpty(element: AST.Element): boolean {
  if (CHARACTERS.includes(element.type)) return false
  if (element.type === 'Quantifier') return element.min === 0 || mayBeEmpty(element.element)
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return true
  return element.alternatives.some(({ elements }) => elements.every(mayBeEmpty))
}
