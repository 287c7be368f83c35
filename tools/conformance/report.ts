import type { Result, Results, Suite, Test } from './suite.ts'

export type Kind = 'required' | 'optimal'

export interface Outcome {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly passed: boolean
  /** The suite's reason; empty where it passed. */
  readonly reason: string
}

/** The tests of a cache's conformance and of its efficiency; what the suite calls `check` is neither passed nor failed. */
export function outcomesOf(suite: Suite, results: Results): Outcome[] {
  const tests = suite.groups.flatMap(({ tests }) => tests).filter(({ browser_only }) => browser_only !== true)
  return tests.flatMap((test) => {
    const { kind = 'required' } = test
    if (kind === 'check') return []
    const passed = passes(suite, test.id, results)
    return [{ id: test.id, kind, name: test.name, passed, reason: passed ? '' : reasonOf(suite, test, results) }]
  })
}

function passes(suite: Suite, id: string, results: Results): boolean {
  const verdict = suite.judge(suite.groups, id, results, true)
  return verdict === suite.verdicts.pass || verdict === suite.verdicts.yes
}

function reasonOf(suite: Suite, test: Test, results: Results): string {
  const result = results[test.id]
  const own = result === undefined ? 'was not run' : tell(result)
  if (suite.judge(suite.groups, test.id, results, true) !== suite.verdicts.dependency_fail) return own
  const failed = (test.depends_on ?? []).filter((id) => !passes(suite, id, results))
  return `depends on ${failed.join(', ')}; by itself: ${own}`
}

export function tell(result: Result): string {
  return result === true ? 'passed' : `${result[0]}: ${result[1]}`
}

/** The table, then each required test that did not pass, then each optimal one. */
export function report(outcomes: readonly Outcome[]): string {
  const kinds: readonly Kind[] = ['required', 'optimal']
  const of = (kind: Kind) => outcomes.filter((outcome) => outcome.kind === kind)
  const counts = kinds.map((kind) => {
    const passed = of(kind).filter((outcome) => outcome.passed)
    return `${kind.padEnd(10)}${String(passed.length).padStart(4)} of ${of(kind).length}`
  })
  const lists = kinds.map((kind) => {
    const failed = of(kind).filter(({ passed }) => !passed)
    const lines = failed.flatMap(({ id, name, reason }) => [`  ${id}  (${name})`, `      ${reason}`])
    return [`${failed.length} ${kind} not passed`, ...lines].join('\n')
  })
  return [counts.join('\n'), ...lists].join('\n\n')
}
