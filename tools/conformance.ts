/**
 * `npm run -s conformance -- <checkout>`: runs the public suite http-tests/cache-tests, from a checkout of it, against
 * the demo's gate on this machine.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Parts, startParts } from './conformance/parts.ts'
import { type Outcome, outcomesOf, report, tell } from './conformance/report.ts'
import { loadSuite, type RunOptions, runSuite, type Suite } from './conformance/suite.ts'

const usage = `Runs the cache conformance suite http-tests/cache-tests against the demo's gate.

Usage: npm run -s conformance -- <checkout of http-tests/cache-tests> [options]

  --paid               the tests' route is paid, and every request carries a token
  --ignore-rewritten   leave out of the comparison the response fields that the gate writes anew on paid routes
  --id <test>          one test, with every message of it
  --json               print JSON
  --help               this text

With --paid, a test that fails is run again with --ignore-rewritten; those that pass then are listed last.
`

/** What the gate writes anew on a paid route (\`markPrivate\` in src/edge/content.ts). */
const REWRITTEN = ['cache-control', 'expires', 'pragma']

const COOKIE = '__Host-faregate'

type Settings = {
  readonly checkout: string
  readonly isPaid: boolean
  readonly ignoresRewritten: boolean
  readonly isJson: boolean
  readonly id: string | undefined
}

function settings(args: string[]): Settings | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      paid: { type: 'boolean', default: false },
      'ignore-rewritten': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      id: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const [path = ''] = positionals
  const checkout = resolve(path)
  if (positionals.length !== 1 || !existsSync(resolve(checkout, 'test-engine/client/runner.mjs'))) {
    throw new Error(`expected the path of a checkout of http-tests/cache-tests, not "${positionals.join(' ')}"`)
  }
  return {
    checkout,
    isPaid: values.paid,
    ignoresRewritten: values['ignore-rewritten'],
    isJson: values.json,
    id: values.id,
  }
}

/** Gives every request of the suite's client these fields, and every failure its cause. */
function dress(fields: readonly (readonly [string, string])[]): void {
  const { fetch } = globalThis
  globalThis.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers)
    for (const [name, value] of fields) headers.append(name, value)
    try {
      return await fetch(input, { ...init, headers })
    } catch (error) {
      if (!(error instanceof TypeError) || !(error.cause instanceof Error)) throw error
      throw new TypeError(`${error.message}: ${error.cause.message}`, { cause: error })
    }
  }
}

/** From a page of ours, so that the cookie authorises every method. */
async function credential({ token }: Parts): Promise<[string, string][]> {
  return [
    ['cookie', `${COOKIE}=${await token()}`],
    ['sec-fetch-site', 'same-origin'],
  ]
}

async function runOne(suite: Suite, id: string, options: RunOptions): Promise<string> {
  const results = await runSuite(suite, { ...options, only: (test) => test.id === id, dumps: true })
  const result = results[id]
  if (result === undefined) throw new Error(`the suite has no test "${id}", or has it for browsers only`)
  return `${suite.judge(suite.groups, id, results, false)[2]} ${id}: ${tell(result)}`
}

interface Findings {
  readonly outcomes: readonly Outcome[]
  /** Ids of those that failed, and pass where the rewritten fields are not compared. */
  readonly onlyRewritten: readonly string[] | undefined
}

async function runAll(suite: Suite, { isPaid }: Settings, options: RunOptions): Promise<Findings> {
  const results = await runSuite(suite, options)
  const outcomes = outcomesOf(suite, results)
  if (!isPaid || options.without !== undefined) return { outcomes, onlyRewritten: undefined }
  const only: RunOptions['only'] = ({ id }) => results[id] !== true
  const again = { ...results, ...(await runSuite(suite, { ...options, only, without: REWRITTEN })) }
  const passing = new Set(outcomesOf(suite, again).flatMap(({ id, passed }) => (passed ? [id] : [])))
  return { outcomes, onlyRewritten: outcomes.flatMap(({ id, passed }) => (!passed && passing.has(id) ? [id] : [])) }
}

function text({ outcomes, onlyRewritten }: Findings): string {
  if (onlyRewritten === undefined) return report(outcomes)
  const heading = `${onlyRewritten.length} fail only on a field that the gate rewrites (${REWRITTEN.join(', ')})`
  return [report(outcomes), [heading, ...onlyRewritten.map((id) => `  ${id}`)].join('\n')].join('\n\n')
}

async function work(suite: Suite, chosen: Settings, parts: Parts): Promise<string> {
  dress(chosen.isPaid ? await credential(parts) : [])
  const options: RunOptions = { base: parts.gate, ...(chosen.ignoresRewritten ? { without: REWRITTEN } : {}) }
  if (chosen.id !== undefined) return runOne(suite, chosen.id, options)
  const findings = await runAll(suite, chosen, options)
  return chosen.isJson ? JSON.stringify(findings, null, 2) : text(findings)
}

async function run(chosen: Settings): Promise<number> {
  const asked = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => asked.abort())
  const ended = once(asked.signal, 'abort')
  const suite = await loadSuite(chosen.checkout)
  let shows = false
  const parts = await startParts({ ...chosen, onLine: (line) => shows && console.log(line) })
  shows = chosen.id !== undefined
  try {
    const answer = await Promise.race([work(suite, chosen, parts), ended, parts.exited])
    if (asked.signal.aborted) return 130
    if (typeof answer !== 'string') throw new Error('the gate or the test server stopped by itself')
    console.log(answer)
    return 0
  } finally {
    await parts.stop()
  }
}

try {
  const chosen = settings(process.argv.slice(2))
  if (chosen === 'help') console.log(usage.trimEnd())
  else process.exitCode = await run(chosen)
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
// The suite's client may still have requests on the way after a signal.
process.exit()
