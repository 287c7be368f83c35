import { run } from './backtracking.ts'

/**
 * Counts what built-in functions and regular expressions look at while a piece of work is done, so that how that grows can be
 * asserted without a clock. What is measured has to be imported after `countSteps`.
 */
export interface StepCounter {
  readonly lookedAt: (work: () => unknown) => number
  readonly stop: () => void
}

/** `failure` is the counting's own, which the work that is counted may have caught. */
const counted: { isOn: boolean; steps: number; failure: unknown } = { isOn: false, steps: 0, failure: undefined }

export function countSteps(): StepCounter {
  return {
    lookedAt(work) {
      Object.assign(counted, { isOn: true, steps: 0, failure: undefined })
      try {
        void work()
        if (counted.failure !== undefined) throw counted.failure
        return counted.steps
      } finally {
        counted.isOn = false
      }
    },
    stop: countBuiltIns(),
  }
}

type BuiltIn = (this: unknown, ...given: unknown[]) => unknown
type Cost = (self: unknown, given: readonly unknown[], result: unknown) => number

/** Puts a function in place of another, and gives back what undoes that. */
function put(holder: object, name: PropertyKey, make: (original: BuiltIn) => BuiltIn): () => void {
  const whole = Object.getOwnPropertyDescriptor(holder, name) ?? {}
  Object.defineProperty(holder, name, { ...whole, value: make(whole.value as BuiltIn) })
  return () => Object.defineProperty(holder, name, whole)
}

/** The same function, which counts what it costs. */
function counting(holder: object, name: PropertyKey, cost: Cost): () => void {
  return put(
    holder,
    name,
    (original) =>
      function (...given) {
        const result = original.apply(this, given)
        if (counted.isOn) {
          counted.isOn = false
          counted.steps += cost(this, given, result)
          counted.isOn = true
        }
        return result
      },
  )
}

const lengthOf = (value: unknown): number => (typeof value === 'string' || Array.isArray(value) ? value.length : 1)
const all: Cost = (self) => lengthOf(self)
const argument: Cost = (_self, [text]) => lengthOf(text)
const one: Cost = () => 1
/** As far as it had to look. */
const upTo: Cost = (self, _given, result) =>
  typeof result === 'number' && result >= 0 ? result + 1 : result === true ? 1 : lengthOf(self)

const OF_STRINGS: Readonly<Record<string, Cost>> = {
  ...Object.fromEntries(
    ['split', 'replace', 'replaceAll', 'toLowerCase', 'toUpperCase', 'trim', 'trimStart', 'trimEnd', 'normalize'].map(
      (name) => [name, all],
    ),
  ),
  ...Object.fromEntries(['padStart', 'padEnd', 'repeat', 'isWellFormed', 'localeCompare'].map((name) => [name, all])),
  ...Object.fromEntries(['charAt', 'charCodeAt', 'codePointAt', 'slice', 'substring', 'at'].map((name) => [name, one])),
  startsWith: argument,
  endsWith: argument,
  includes: all,
  lastIndexOf: all,
  indexOf: (self, [, from], result) =>
    typeof result === 'number' && result >= 0
      ? result + 1 - (typeof from === 'number' ? from : 0)
      : lengthOf(self) - (typeof from === 'number' ? from : 0),
}

const OF_ARRAYS: Readonly<Record<string, Cost>> = {
  ...Object.fromEntries(
    ['includes', 'indexOf', 'lastIndexOf'].map((name): [string, Cost] => [name, name === 'includes' ? all : upTo]),
  ),
  ...Object.fromEntries(
    ['join', 'concat', 'slice', 'splice', 'shift', 'unshift', 'flat', 'toSorted', 'sort', 'toReversed', 'with'].map(
      (name) => [name, all],
    ),
  ),
}

/** Of what iterators give, each element is a step: `[...list]` and `new Set(list)` are loops too. */
const ITERATORS: readonly object[] = [[], new Set(), new Map()].map((each) =>
  Object.getPrototypeOf(each[Symbol.iterator]()),
)

function countBuiltIns(): () => void {
  const undo = [
    ...Object.entries(OF_STRINGS).map(([name, cost]) => counting(String.prototype, name, cost)),
    ...Object.entries(OF_ARRAYS).map(([name, cost]) => counting(Array.prototype, name, cost)),
    ...ITERATORS.map((prototype) => counting(prototype, 'next', one)),
    counting(globalThis, 'encodeURIComponent', argument),
    counting(globalThis, 'decodeURIComponent', argument),
    counting(JSON, 'parse', argument),
    counting(URL, 'parse', argument),
    counting(Object, 'hasOwn', (_self, [, name]) => lengthOf(name)),
    counting(Map.prototype, 'get', argument),
    counting(Map.prototype, 'has', argument),
    counting(Map.prototype, 'set', argument),
    counting(Set.prototype, 'has', argument),
    counting(Set.prototype, 'add', argument),
    countPatterns(),
  ]
  return () => {
    for (const each of undo) each()
  }
}

/** Every use of a regular expression goes through `exec`, once it is another than the engine's own (ECMA-262 §22.2.7.1). */
function countPatterns(): () => void {
  return put(
    RegExp.prototype,
    'exec',
    (original) =>
      function (text) {
        const exec = (): RegExpExecArray | null => original.call(this, text) as RegExpExecArray | null
        if (!counted.isOn || !(this instanceof RegExp) || typeof text !== 'string') return exec()
        counted.isOn = false
        const from = this.global || this.sticky ? this.lastIndex : 0
        const found = exec()
        const steps = stepsOf(this, text, from, found)
        counted.steps += steps
        counted.isOn = true
        return found
      },
  )
}

/** What a search took that found this. */
function stepsOf(pattern: RegExp, text: string, from: number, found: RegExpExecArray | null): number {
  try {
    const { found: again, steps } = run(pattern, text, from)
    if (found?.index !== again?.[0] || (found !== null && found.index + found[0].length !== again?.[1]))
      throw new Error(`the engine runs ${String(pattern)} otherwise on ${JSON.stringify(text.slice(0, 200))}`)
    return steps
  } catch (error) {
    counted.failure ??= error
    throw error
  }
}
