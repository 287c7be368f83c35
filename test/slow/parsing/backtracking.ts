import { type AST, RegExpParser } from '@eslint-community/regexpp'

/**
 * Runs a regular expression as a backtracking engine does, and counts the places it looks at: what V8 does not tell. What it
 * finds is for its caller to compare with what the real engine finds.
 */

/** Where a match begins and ends, and how many steps it took to know. */
export interface Run {
  readonly found: readonly [start: number, end: number] | undefined
  readonly steps: number
}

/** Goes on from a place in the text: true where all the rest matches. */
type Next = (at: number) => boolean
type Matcher = (at: number, next: Next) => boolean

interface State {
  text: string
  steps: number
}

interface Program {
  readonly state: State
  readonly match: Matcher
}

const programs = new Map<string, Program>()

/** Looks for the pattern from a place in the text on; where it is sticky, at that place alone. */
export function run(pattern: RegExp, text: string, from: number): Run {
  const key = `${pattern.flags}/${pattern.source}`
  const program = programs.get(key) ?? compile(pattern)
  programs.set(key, program)
  const { state, match } = program
  Object.assign(state, { text, steps: 0 })
  let end = -1
  const last: Next = (at) => {
    end = at
    return true
  }
  const most = pattern.sticky ? from : text.length
  for (let start = from; start <= most; start += 1) {
    state.steps++
    if (match(start, last)) return { found: [start, end], steps: state.steps }
  }
  return { found: undefined, steps: state.steps }
}

function compile({ source, flags }: RegExp): Program {
  const [unicode, unicodeSets] = [flags.includes('u'), flags.includes('v')]
  const tree = new RegExpParser().parsePattern(source, 0, source.length, { unicode, unicodeSets })
  const state: State = { text: '', steps: 0 }
  return { state, match: oneOf(tree.alternatives, new Compiler(state, flags)) }
}

class Compiler {
  readonly state: State
  readonly #flags: string
  readonly #isUnicode: boolean
  /** Of each element, which characters it is known to take. */
  readonly #known = new Map<string, Map<string, boolean>>()

  constructor(state: State, flags: string) {
    this.state = state
    this.#flags = flags.replace(/[gyd]/g, '')
    this.#isUnicode = /[uv]/.test(flags)
  }

  /** The end of the one character at this place, if it is one of these; else -1. */
  step(element: AST.Element, at: number): number {
    this.state.steps++
    const { text } = this.state
    if (at >= text.length) return -1
    const character = this.#isUnicode ? String.fromCodePoint(text.codePointAt(at) ?? 0) : text.charAt(at)
    return this.#takes(element.raw, character) ? at + character.length : -1
  }

  #takes(raw: string, character: string): boolean {
    const known = this.#known.get(raw) ?? new Map<string, boolean>()
    this.#known.set(raw, known)
    const taken = known.get(character) ?? new RegExp(`^(?:${raw})$`, this.#flags).test(character)
    known.set(character, taken)
    return taken
  }

  isLineEnd(at: number): boolean {
    return at === this.state.text.length || (this.#flags.includes('m') && this.state.text.charAt(at) === '\n')
  }

  isLineStart(at: number): boolean {
    return at === 0 || (this.#flags.includes('m') && this.state.text.charAt(at - 1) === '\n')
  }
}

const CHARACTERS: readonly AST.Element['type'][] = [
  'Character',
  'CharacterSet',
  'CharacterClass',
  'ExpressionCharacterClass',
]

function oneOf(alternatives: readonly AST.Alternative[], compiler: Compiler): Matcher {
  const matchers = alternatives.map(({ elements }) => inTurn(elements, compiler))
  return (at, next) => matchers.some((match) => match(at, next))
}

function inTurn(elements: readonly AST.Element[], compiler: Compiler): Matcher {
  const matchers = elements.map((element) => matcherOf(element, compiler))
  const from = (index: number, at: number, next: Next): boolean => {
    const match = matchers[index]
    return match === undefined ? next(at) : match(at, (end) => from(index + 1, end, next))
  }
  return (at, next) => from(0, at, next)
}

function matcherOf(element: AST.Element, compiler: Compiler): Matcher {
  if (CHARACTERS.includes(element.type)) {
    return (at, next) => {
      const end = compiler.step(element, at)
      return end !== -1 && next(end)
    }
  }
  if (element.type === 'Group' || element.type === 'CapturingGroup') return oneOf(element.alternatives, compiler)
  if (element.type === 'Quantifier')
    return CHARACTERS.includes(element.element.type) ? characters(element, compiler) : repeated(element, compiler)
  if (element.type === 'Assertion') return assertion(element, compiler)
  throw new Error(`nothing here runs ${element.raw}`)
}

/** One character, many times: without recursion, for there may be thousands. */
function characters({ element, min, max, greedy }: AST.Quantifier, compiler: Compiler): Matcher {
  return (at, next) => {
    const ends = [at]
    const more = (): boolean => {
      const end = ends.length > max ? -1 : compiler.step(element, ends.at(-1) ?? at)
      if (end !== -1) ends.push(end)
      return end !== -1
    }
    while (ends.length <= min) if (!more()) return false
    if (!greedy) {
      do if (next(ends.at(-1) ?? at)) return true
      while (more())
      return false
    }
    while (more());
    for (; ends.length > min; ends.pop()) {
      compiler.state.steps++
      if (next(ends.at(-1) ?? at)) return true
    }
    return false
  }
}

function repeated({ element, min, max, greedy }: AST.Quantifier, compiler: Compiler): Matcher {
  const match = matcherOf(element, compiler)
  const from = (times: number, at: number, next: Next): boolean => {
    compiler.state.steps++
    const again = (): boolean =>
      times < max && match(at, (end) => (end > at || times < min) && from(times + 1, end, next))
    if (times < min) return again()
    return greedy ? again() || next(at) : next(at) || again()
  }
  return (at, next) => from(0, at, next)
}

function assertion(assertion: AST.Assertion, compiler: Compiler): Matcher {
  if (assertion.kind === 'start') return (at, next) => compiler.isLineStart(at) && next(at)
  if (assertion.kind === 'end') return (at, next) => compiler.isLineEnd(at) && next(at)
  if (assertion.kind === 'word') throw new Error(`nothing here runs ${assertion.raw}`)
  const { kind, negate, alternatives } = assertion as AST.LookaroundAssertion
  const holds = kind === 'lookahead' ? ahead(alternatives, compiler) : behind(alternatives, compiler)
  return (at, next) => holds(at) !== negate && next(at)
}

function ahead(alternatives: readonly AST.Alternative[], compiler: Compiler): (at: number) => boolean {
  const match = oneOf(alternatives, compiler)
  return (at) => match(at, () => true)
}

/** Of one character, as all here are. */
function behind(alternatives: readonly AST.Alternative[], compiler: Compiler): (at: number) => boolean {
  const match = oneOf(alternatives, compiler)
  return (at) => at > 0 && match(at - 1, (end) => end === at)
}
