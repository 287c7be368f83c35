import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { endpointAt, memberOf, messageOf, post, UsageError } from './command.ts'
import { gateUrl, runningBillingUrl } from './state.ts'
import { token } from './token.ts'

const usage = `Has a gate ask its origin anew for what it keeps copies of.

Usage: npm run purge -- [options]

  --path <path>          this path and all below it; may be given several times, as may --tag
  --tag <tag>            whatever the origin marked with this Cache-Tag
  --everything           all copies of the site
  --url <url>            the site (default: the one that "npm start" runs now, else http://localhost:8787)
  --token-file <file>    holds the operator token. Without it the token is FAREGATE_OPERATOR_TOKEN of the
                         environment, else one signed with the demo's key while "npm start" runs
  --help                 this text
`

const options = {
  path: { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  everything: { type: 'boolean', default: false },
  url: { type: 'string' },
  'token-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
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
  const url = endpointAt(values.url ?? (await gateUrl()), '/__faregate/purge')
  const authorization = `Bearer ${await operatorToken(values['token-file'])}`
  const headers = { authorization, 'content-type': 'application/json' }
  const body = JSON.stringify({ pathPrefixes, tags, ...(everything ? { everything } : {}) })
  const response = await post(url, headers, body)
  const text = await response.text()
  if (response.status === 200) return told(text)
  throw new Error(`${response.status}: ${memberOf(text, 'detail') ?? `${url.href} is not a gate that can be purged`}`)
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

try {
  console.log(await purge(process.argv.slice(2)))
} catch (error) {
  console.error(`purge: ${messageOf(error)}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
