import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT, messageOf, usageError } from '../commanderror.ts'
import { createAsker, type Credential } from '../leaks/ask.ts'
import { findLeaks, type Leak, type LeakReport, type LeakSearch } from '../leaks/leaks.ts'
import type { Terminal } from '../terminal.ts'

interface LeaksOptions {
  readonly tokenFile?: string
  readonly cookieFile?: string
  readonly text?: string
  readonly also: readonly string[]
  readonly external?: boolean
  readonly most: number
  readonly delay: number
  readonly json?: boolean
}

const NOTE = `
Run it on your own site: robots.txt is read for the paths that it names, not obeyed. No credential is sent but for the page and
for two pages beside it, and none to another host.

Exit codes: ${EXIT.done} nothing was found; ${EXIT.refused} something was; ${EXIT.usage} the command line is wrong;
${EXIT.unknown} it could not be told: the page is not paid, or was not answered.`

/** `faregate leaks`: looks for a paid page wherever those who have not paid may find it. */
export function leaksCommand(terminal: Terminal): Command {
  return new Command('leaks')
    .summary('look for a paid page wherever those who have not paid may find it')
    .description(
      'Takes sentences of a paid page, and looks for them unpaid: in feeds, APIs, AMP, archives, search, sitemaps, by query, by other spellings of its path, with other fields. Each place is told with what closes it.',
    )
    .argument('<url>', 'a page that is sold')
    .option('--token-file <file>', 'a file with a token that opens the page')
    .option('--cookie-file <file>', 'a file with a Cookie field that opens the page: name=value')
    .option('--text <file>', 'a file with the text of the page, in place of a credential')
    .option('--also <origin>', 'another address of the site, past the gate; repeatable', collect, [])
    .option('--external', 'asks web archives too')
    .option('--most <n>', 'the most requests', wholeNumber, 200)
    .option('--delay <ms>', 'the time between two requests, in milliseconds', wholeNumber, 0)
    .option('--json', 'prints one JSON object')
    .addHelpText('after', NOTE)
    .action(async (url: string, options: LeaksOptions, command: Command) => {
      const search = searchOf(url, options, terminal)
      const origins = new Set([search.page.origin, ...search.also])
      if (search.external) for (const origin of ARCHIVES) origins.add(origin)
      const { most, delay: delayMs } = options
      const report = await findLeaks(search, createAsker({ most, delayMs, timeoutMs: 20_000, origins }))
      if (options.json === true) terminal.print(JSON.stringify(report))
      else tell(report, terminal)
      if (report.outcome !== 'none')
        command.error('', { exitCode: report.outcome === 'leaks' ? EXIT.refused : EXIT.unknown })
    })
}

const ARCHIVES = ['https://web.archive.org', 'https://archive.ph']

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw usageError(`expected a whole number, not "${text}"`)
  return Number(text)
}

function searchOf(url: string, options: LeaksOptions, terminal: Terminal): LeakSearch {
  const page = siteUrl('the page', url)
  page.hash = ''
  const { tokenFile, cookieFile, text } = options
  const given = [tokenFile, cookieFile, text].filter((each) => each !== undefined)
  if (given.length !== 1) throw usageError('give one of --token-file, --cookie-file and --text')
  const read = (file: string): string => contentOf(file, terminal)
  const article = text === undefined ? { credential: credentialOf(page, options, read) } : { text: read(text) }
  return {
    page,
    article,
    also: options.also.map((origin) => siteUrl('--also', origin).origin),
    external: options.external === true,
  }
}

function siteUrl(what: string, text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw usageError(`${what}: expected a URL, not "${text}"`)
  return url
}

function credentialOf(page: URL, options: LeaksOptions, read: (file: string) => string): Credential {
  const isHere = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(page.hostname)
  if (page.protocol !== 'https:' && !isHere) throw usageError('a credential is sent over https only (http on loopback)')
  const file = options.tokenFile ?? options.cookieFile ?? ''
  const value = read(file).trim()
  // What was read is not shown: it may be a secret all the same.
  if (!/^[\x20-\x7e]+$/.test(value)) throw usageError(`${file}: expected one line`)
  return options.tokenFile === undefined ? { cookie: value } : { authorization: `Bearer ${value}` }
}

function contentOf(file: string, { cwd }: Terminal): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw usageError(`${file}: ${messageOf(error)}`)
  }
}

function tell(report: LeakReport, { print, complain }: Terminal): void {
  const { leaks, outcome, reason, sentences, requests, failed, untried } = report
  for (const leak of leaks) print(lineOf(leak))
  if (leaks.length > 0) print('')
  const asked = `${count(sentences, 'sentence')} looked for, ${count(requests, 'request')}`
  if (outcome === 'unknown') complain(`It could not be told: ${reason ?? ''}.`)
  else print(`${leaks.length === 0 ? 'No leak' : count(leaks.length, 'leak')}: ${asked}.`)
  if (failed > 0) complain(`${count(failed, 'request')} had no answer.`)
  if (untried > 0) complain(`${count(untried, 'request')} left out: see --most.`)
}

function lineOf({ kind, method, url, with: needs, sentences, words, first, closes }: Leak): string {
  const request = `${method === 'GET' ? '' : `${method} `}${url}${needs === undefined ? '' : ` (${needs})`}`
  return `${kind}: ${request}\n  ${count(sentences, 'sentence')}, ${count(words, 'word')}: "${first}"\n  closed by: ${closes}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
