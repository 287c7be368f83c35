/** Gets what `init` has to know from flags, and asks for the rest where there is a terminal. */
import { createInterface } from 'node:readline/promises'
import { usageError } from '../commanderror.ts'
import type { Terminal } from '../terminal.ts'

export interface Question {
  /** The flag, or the name of the argument. */
  readonly flag: string
  readonly text: string
  readonly example?: string
  /** Taken if nothing is answered, and not asked for without a terminal. */
  readonly fallback?: string
  /** The only answers. */
  readonly choices?: readonly string[]
  /** Returns what is wrong with an answer. */
  readonly fault?: (answer: string) => string | undefined
}

export interface Answers {
  /** Returns what was given, else what is answered. Throws a usage error for what is wrong. */
  readonly answer: (question: Question, given: string | undefined) => Promise<string>
  /** Throws a usage error that names all that was neither given nor could be asked. */
  readonly complete: () => void
  readonly close: () => void
}

export function createAnswers({ isInteractive }: Terminal): Answers {
  const missing: string[] = []
  let lines: ReturnType<typeof createInterface> | undefined
  const ask = async (question: Question): Promise<string> => {
    lines ??= createInterface({ input: process.stdin, output: process.stderr })
    for (;;) {
      const typed = (await lines.question(prompt(question))).trim()
      const answer = chosen(typed === '' ? (question.fallback ?? '') : typed, question)
      const fault = faultOf(answer, question)
      if (fault === undefined) return answer
      process.stderr.write(`  ${fault}\n`)
    }
  }
  return {
    async answer(question, given) {
      if (given !== undefined) {
        const fault = faultOf(given, question)
        if (fault !== undefined) throw usageError(`${question.flag}: ${fault}`)
        return given
      }
      if (isInteractive) return ask(question)
      if (question.fallback !== undefined) return question.fallback
      const shown = question.choices?.join(' | ') ?? question.example
      missing.push(shown === undefined ? question.flag : `${question.flag} ${shown}`)
      return question.choices?.[0] ?? question.example ?? ''
    },
    complete() {
      if (missing.length > 0) throw usageError(`there is no terminal to ask in, so give ${missing.join(', ')}`)
    },
    close: () => lines?.close(),
  }
}

function prompt({ text, example, fallback, choices }: Question): string {
  const list = choices?.map((choice, index) => `\n  ${index + 1}  ${choice}`).join('') ?? ''
  const hint = fallback !== undefined ? ` [${fallback}]` : example === undefined ? '' : ` (such as ${example})`
  return `${text}${hint}${list}${list === '' ? '' : '\n'}: `
}

/** A choice may be given by its number. */
function chosen(typed: string, { choices }: Question): string {
  return /^\d+$/.test(typed) ? (choices?.[Number(typed) - 1] ?? typed) : typed
}

function faultOf(answer: string, { choices, fault }: Question): string | undefined {
  if (answer === '') return 'expected an answer'
  if (choices?.includes(answer) === false) return `expected one of ${choices.join(', ')}, not "${answer}"`
  return fault?.(answer)
}

const HOST = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,}$/

export function hostFault(host: string): string | undefined {
  return HOST.test(host) ? undefined : `expected a host name such as www.example.com, not "${host}"`
}

/** Plain http only on loopback. */
export function urlFault(text: string): string | undefined {
  const url = URL.parse(text)
  const isHere = url !== null && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)
    ? undefined
    : `expected a URL of https, not "${text}"`
}

export function pathFault(path: string): string | undefined {
  return /^\/\S*$/.test(path) ? undefined : `expected a path such as /articles/*, not "${path}"`
}
