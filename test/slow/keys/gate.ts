import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { sign, type TestKey } from '../../support/issuer.ts'
import { open, shut } from '../../../tools/loopback.ts'

/** Milliseconds. Short, so that a rotation takes seconds. */
export const POLICY = { refreshMs: 500, staleMs: 1500, cooldownMs: 100, timeoutMs: 300 }

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A JWKS endpoint on a socket. */
export interface JwksServer {
  readonly url: string
  /** What it answers from now on. */
  answer: Answer
  /** How often it was asked. */
  asked: number
  readonly close: () => Promise<void>
}

export function answerKeys(...keys: readonly TestKey[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  }
}

export async function startJwks(answer: Answer, port = 0): Promise<JwksServer> {
  const server = createServer((request, response) => {
    jwks.asked++
    jwks.answer(request, response)
  })
  const url = await open(server, port)
  const jwks: JwksServer = {
    url: `${url}/jwks.json`,
    answer,
    asked: 0,
    close: () => shut(server),
  }
  return jwks
}

export interface Gate {
  readonly workerd: Workerd
  readonly page: string
  readonly lines: string[]
}

export async function startGate(jwksUrl: string, policy: Partial<typeof POLICY> = {}): Promise<Gate> {
  const lines: string[] = []
  const vars = { JWKS_URL: jwksUrl, POLICY: JSON.stringify({ ...POLICY, ...policy }) }
  const workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    vars,
    onLine: (line) => lines.push(line),
  })
  return { workerd, page: `${workerd.url}/paid/1`, lines }
}

/** A gate, and the JWKS endpoint that it asks. Both end with the test that began them. */
export async function startBoth(
  answer: Answer,
  policy: Partial<typeof POLICY> = {},
): Promise<{ readonly gate: Gate; readonly jwks: JwksServer }> {
  const jwks = await startJwks(answer)
  const gate = await startGate(jwks.url, policy)
  onTestFinished(async () => {
    await gate.workerd.stop()
    await jwks.close()
  })
  return { gate, jwks }
}

let count = 0

/** A token that was never seen before. */
export function freshToken(key: TestKey, header: Record<string, unknown> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const times = { iat: now, exp: now + 3600 }
  const names = { iss: 'https://billing.example', aud: 'https://news.example', sub: 'account-7', jti: String(count++) }
  return sign(key, { ...names, ...times, entitlements: ['premium'] }, header)
}

/** What the gate makes of a token: its status, and its reason where it refuses. */
export async function outcome(gate: Gate, token: string, signal?: AbortSignal): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const response = await fetch(gate.page, { headers, ...(signal === undefined ? {} : { signal }) })
  if (response.status === 200) return `200 ${await response.text()}`
  const { reason } = (await response.json()) as { reason?: unknown }
  return `${response.status} ${String(reason)}`
}

export const SERVED = '200 the page that was paid for'

/** Looks until it is so. */
export async function waitFor(what: string, isSo: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
