/**
 * Talks to a gate that runs: orders with an operator's token, and questions with a client's. What the gate refuses is told in
 * the words of its problem document (RFC 9457), and no credential is in any of it.
 */
import type { Command } from 'commander'
import { CommandError, EXIT, messageOf, usageError } from './commanderror.ts'
import { issuerFrom, KEY_VARIABLE, signed, type SigningFlags, textOf } from './signing.ts'
import type { Terminal } from './terminal.ts'

/** The address of the gate, and whether to print JSON. */
export interface GateFlags {
  readonly gate?: string
  readonly json?: boolean
}

/** How an order is authorised. */
export interface OperatorFlags extends GateFlags, Pick<SigningFlags, 'issuer' | 'audience'> {
  readonly operatorTokenFile?: string
  readonly operatorKey?: string
  readonly as?: string
}

const GATE_VARIABLE = 'FAREGATE_GATE'
const TOKEN_VARIABLE = 'FAREGATE_OPERATOR_TOKEN'
const OPERATOR_KEY_VARIABLE = 'FAREGATE_OPERATOR_KEY'
/** The key itself, where there is no file for it. */
const OPERATOR_KEY_JSON_VARIABLE = 'FAREGATE_OPERATOR_KEY_JSON'

export function withGate(command: Command): Command {
  return command
    .option('--gate <url>', `the site: https, or http on this machine (default: ${GATE_VARIABLE} of the environment)`)
    .option('--json', 'prints one JSON object')
}

export function withOperator(command: Command): Command {
  return withGate(command)
    .option('--operator-token-file <file>', `holds an operator’s token (default: ${TOKEN_VARIABLE} of the environment)`)
    .option('--operator-key <file>', 'in place of a token: the private key to sign one with, for a minute')
    .option('--issuer <url>', 'of that token (default: as the configuration here says)')
    .option('--audience <url>', 'of that token: the zone’s (default: likewise)')
    .option('--as <name>', 'who gives the order, for the record, with --operator-key')
}

/** Returns the URL of an endpoint. Whoever listens to plain http has what is sent, so it is sent no further than this machine. */
export function endpointAt(flags: GateFlags, path: string, { env }: Terminal): URL {
  const site = flags.gate ?? env[GATE_VARIABLE]
  if (site === undefined) throw usageError(`--gate: give the site’s URL, or set ${GATE_VARIABLE}`)
  const url = URL.parse(site)
  const isHere = url !== null && /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)))
    throw usageError(`--gate: expected https, or http on this machine`)
  return new URL(`/__faregate/${path}`, url)
}

/** Gives an order with a token of the scope. Returns the gate's answer. */
export async function giveOrder(
  { path, scope = path, body }: { readonly path: string; readonly scope?: string; readonly body: object },
  flags: OperatorFlags,
  terminal: Terminal,
): Promise<unknown> {
  const url = endpointAt(flags, path, terminal)
  const authorization = `Bearer ${await operatorToken(scope, flags, terminal)}`
  const headers = { authorization, 'content-type': 'application/json', accept: 'application/json' }
  return answerOf(await sent(url, { method: 'POST', headers, body: JSON.stringify(body) }), url)
}

async function operatorToken(scope: string, flags: OperatorFlags, terminal: Terminal): Promise<string> {
  const { operatorTokenFile: file, operatorKey, issuer, audience, as } = flags
  if (file !== undefined) return wellFormed(textOf('--operator-token-file', file, terminal), file)
  const given = terminal.env[TOKEN_VARIABLE]
  if (operatorKey === undefined && given !== undefined && given !== '') return wellFormed(given, TOKEN_VARIABLE)
  const key = operatorKey ?? terminal.env[OPERATOR_KEY_VARIABLE]
  const inline = key === undefined ? terminal.env[OPERATOR_KEY_JSON_VARIABLE] : undefined
  if (key === undefined && inline === undefined)
    throw usageError(
      `give --operator-token-file or --operator-key, or set ${TOKEN_VARIABLE} or ${OPERATOR_KEY_VARIABLE}`,
    )
  const signer = inline === undefined ? terminal : { ...terminal, env: { ...terminal.env, [KEY_VARIABLE]: inline } }
  const facts = { ...(key && { key }), ...(issuer && { issuer }), ...(audience && { audience }) }
  const operator = await issuerFrom(facts, 'operators', signer)
  return signed(() => operator.signOperator({ scopes: [scope], subject: as, lifetimeSeconds: 60 }))
}

/** Reads a client's credential: from a file, else from the environment. Undefined if there is none. */
export function clientToken(file: string | undefined, terminal: Terminal): string | undefined {
  const text = file === undefined ? terminal.env['FAREGATE_TOKEN'] : textOf('--token-file', file, terminal)
  return text === undefined || text.trim() === '' ? undefined : wellFormed(text, file ?? 'FAREGATE_TOKEN')
}

/** Refuses a value that no field can hold: the error of `fetch` would quote it. */
function wellFormed(text: string, place: string): string {
  const token = text.trim()
  if (!/^[\w.~+/-]+=*$/.test(token)) throw usageError(`${place}: holds no token`)
  return token
}

/** Asks a question with a client's credential. */
export async function askGate(url: URL, token: string | undefined): Promise<unknown> {
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  return answerOf(await sent(url, { headers }), url)
}

/** Sends a request, and says in a line if nobody is there. */
export async function sent(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', ...init })
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    throw new CommandError(`${url.origin} cannot be reached: ${messageOf(cause)}`, EXIT.unknown)
  }
}

/** Returns what the gate answered. Throws its problem. */
export async function answerOf(response: Response, url: URL): Promise<unknown> {
  const answer = parsed(await response.text())
  if (response.ok && answer !== undefined) return answer
  throw refusedBy(response.status, answer, url)
}

/** Returns the error of an answer that is a refusal. */
export function refusedBy(status: number, answer: unknown, url: URL): CommandError {
  const detail = memberOf(answer, 'detail') ?? memberOf(answer, 'description')
  const code = memberOf(answer, 'err')
  const told = detail !== undefined && code !== undefined ? `${code}: ${detail}` : detail
  const message = told ?? `${url.origin} has no such endpoint, or is no gate`
  const exitCode = status >= 500 ? EXIT.unknown : EXIT.refused
  return new CommandError(`${status}: ${message}`, exitCode, {
    status,
    ...(detail === undefined ? {} : { problem: answer }),
  })
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns a member that is text. */
export function memberOf(answer: unknown, name: string): string | undefined {
  const member: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
  return typeof member === 'string' ? member : undefined
}

/** Prints an answer: as it is with `--json`, else the line; without a line, the answer to be read. */
export function tellAnswer(answer: unknown, line: string | undefined, { json }: GateFlags, { print }: Terminal): void {
  print(json === true ? JSON.stringify(answer) : (line ?? JSON.stringify(answer, null, 2)))
}
