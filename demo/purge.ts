import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runningBillingUrl } from './state.ts'
import { token } from './token.ts'

const usage = `Has a gate ask its origin anew for what it keeps copies of.

Usage: npm run purge -- [options]

  --path <path>          this path and all below it; may be given several times, as may --tag
  --tag <tag>            whatever the origin marked with this Cache-Tag
  --everything           all copies of the site
  --url <url>            the site (default: http://localhost:8787, where "npm start" runs the demo)
  --token-file <file>    holds the operator token. Without it the token is FAREGATE_OPERATOR_TOKEN of the
                         environment, else one signed with the demo's key while "npm start" runs
  --help                 this text
`

const options = {
  path: { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  everything: { type: 'boolean', default: false },
  url: { type: 'string', default: 'http://localhost:8787' },
  'token-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** A mistake in the command line: worth one line, not a stack. */
class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

/** Whoever listens to plain http has the token, so it is sent no further than this machine. */
function endpoint(text: string): URL {
  const url = URL.parse(text)
  const isHere = url !== null && /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))) {
    throw new UsageError(`--url: expected https (http only on loopback), not "${text}"`)
  }
  return new URL('/__faregate/purge', url)
}

async function operatorToken(file: string | undefined): Promise<string> {
  const given = file === undefined ? process.env['FAREGATE_OPERATOR_TOKEN'] : await textOf(file)
  if (given !== undefined && given !== '') return wellFormed(given.trim(), file ?? 'FAREGATE_OPERATOR_TOKEN')
  if ((await runningBillingUrl()) === undefined) {
    throw new UsageError('no operator token: set FAREGATE_OPERATOR_TOKEN or give --token-file, or run the demo')
  }
  return token(['--operator', '--scope', 'purge', '--expires-in', '60s'], Math.floor(Date.now() / 1000))
}

/** What could not stand in a field would be quoted by the error that says so. */
function wellFormed(text: string, place: string): string {
  if (!/^[\w.-]+$/.test(text)) throw new UsageError(`${place} holds no token`)
  return text
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--token-file: ${messageOf(error)}`)
  }
}

/** What the gate says that it purged. Throws with its words when it did not. */
async function purge(args: readonly string[]): Promise<string> {
  const values = parse(args)
  if (values.help) return usage.trimEnd()
  const { path: pathPrefixes = [], tag: tags = [], everything } = values
  if (pathPrefixes.length + tags.length === 0 && !everything) {
    throw new UsageError('name what to purge: --path, --tag or --everything')
  }
  const url = endpoint(values.url)
  const authorization = `Bearer ${await operatorToken(values['token-file'])}`
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ pathPrefixes, tags, ...(everything ? { everything } : {}) }),
  }).catch((error: unknown) => {
    throw new Error(`${url.origin} cannot be reached: ${messageOf(causeOf(error))}`)
  })
  const text = await response.text()
  if (response.status === 200) return told(text)
  throw new Error(`${response.status}: ${detailOf(text) ?? `${url.href} is not a gate that can be purged`}`)
}

/** One line for each thing that was purged, as the gate understood it. */
function told(text: string): string {
  const { zone, purged } = JSON.parse(text) as {
    zone: string
    purged: { everything: boolean; tags: string[]; pathPrefixes: string[] }
  }
  const things = purged.everything
    ? ['everything']
    : [...purged.pathPrefixes.map((path) => `path ${path}`), ...purged.tags.map((tag) => `tag ${tag}`)]
  return things.map((thing) => `purged in ${zone}: ${thing}`).join('\n')
}

function detailOf(text: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(text)
    const detail = typeof problem === 'object' && problem !== null && 'detail' in problem ? problem.detail : undefined
    return typeof detail === 'string' ? detail : undefined
  } catch {
    return undefined
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // An attempt at two addresses fails without a message of its own.
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}

try {
  console.log(await purge(process.argv.slice(2)))
} catch (error) {
  console.error(`purge: ${messageOf(error)}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
