import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The parts of http-tests/cache-tests that are used here, as its own client uses them. */
export interface Suite {
  readonly groups: readonly Group[]
  /** Keeps what each test ended with in `results`, by id. */
  readonly run: (groups: readonly Group[], browserCache: false, base: string, chunkSize: number) => Promise<void>
  readonly results: Record<string, Result>
  readonly judge: (groups: readonly Group[], id: string, results: Results, honoursDependencies: boolean) => Verdict
  readonly verdicts: { readonly pass: Verdict; readonly yes: Verdict; readonly dependency_fail: Verdict }
  /** Fields, in lower case, that are left out when a response is compared with what its origin sent. */
  readonly skippedFields: Set<string>
}

export interface Group {
  readonly id: string
  readonly name: string
  readonly tests: readonly Test[]
}

export interface Test {
  readonly id: string
  readonly name: string
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly browser_only?: boolean
  readonly depends_on?: readonly string[]
  /** Prints every message. */
  readonly dump?: boolean
  readonly requests: readonly Step[]
}

/** One request and what is expected of its response; the suite's own format, changed by the suite as it runs. */
export interface Step {
  readonly expected_response_headers?: readonly (string | readonly [string, ...unknown[]])[]
}

/** True, or the name of the error and what was wrong. */
export type Result = true | readonly [string, string]
export type Results = Readonly<Record<string, Result>>
/** One of the suite's `resultTypes`, compared by identity; its last member is a symbol to print. */
export type Verdict = readonly string[]

/** Loads the suite from a checkout of it. */
export async function loadSuite(checkout: string): Promise<Suite> {
  const load = (path: string): Promise<unknown> => import(pathToFileURL(resolve(checkout, path)).href)
  const { default: groups } = (await load('tests/index.mjs')) as { default: Suite['groups'] }
  const { runTests } = (await load('test-engine/client/runner.mjs')) as { runTests: Suite['run'] }
  const { testResults } = (await load('test-engine/client/test.mjs')) as { testResults: Suite['results'] }
  const { determineTestResult, resultTypes } = (await load('test-engine/lib/results.mjs')) as {
    determineTestResult: Suite['judge']
    resultTypes: Suite['verdicts']
  }
  const { skipResponseHeaders } = (await load('test-engine/lib/defines.mjs')) as { skipResponseHeaders: Set<string> }
  return {
    groups,
    run: runTests,
    results: testResults,
    judge: determineTestResult,
    verdicts: resultTypes,
    skippedFields: skipResponseHeaders,
  }
}

export interface RunOptions {
  readonly base: string
  /** Which tests; the default is all that are not for browsers only. */
  readonly only?: (test: Test) => boolean
  /** Fields, in lower case, that are not compared. */
  readonly without?: readonly string[]
  readonly dumps?: boolean
}

/** How many run at a time. The suite's own command takes 25 and mostly waits; the results are the same. */
const CHUNK = 100

/** Runs tests, each on a path of its own that no run before has used. */
export async function runSuite(suite: Suite, options: RunOptions): Promise<Results> {
  const { base, only = () => true, without = [], dumps = false } = options
  const before = [...suite.skippedFields]
  for (const name of without) suite.skippedFields.add(name)
  for (const id of Object.keys(suite.results)) delete suite.results[id]
  try {
    await suite.run(chosen(suite.groups, { only, without, dumps }), false, base, CHUNK)
    return { ...suite.results }
  } finally {
    suite.skippedFields.clear()
    for (const name of before) suite.skippedFields.add(name)
  }
}

/** Copies: the suite writes times into the tests that it runs, so that the same objects cannot be run twice. */
function chosen(groups: readonly Group[], options: Required<Omit<RunOptions, 'base'>>): Group[] {
  const { only, without, dumps } = options
  const prepared = (test: Test): Test => {
    const { requests, ...rest } = structuredClone(test)
    return { ...rest, ...(dumps ? { dump: true } : {}), requests: requests.map((step) => expectLess(step, without)) }
  }
  return groups.map((group) => ({ ...group, tests: group.tests.filter(only).map(prepared) }))
}

function expectLess(step: Step, without: readonly string[]): Step {
  const { expected_response_headers: expected } = step
  if (expected === undefined || without.length === 0) return step
  const isKept = (field: string | readonly [string, ...unknown[]]) =>
    !without.includes((typeof field === 'string' ? field : field[0]).toLowerCase())
  return { ...step, expected_response_headers: expected.filter(isKept) }
}
