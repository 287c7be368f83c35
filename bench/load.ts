import { setImmediate } from 'node:timers/promises'
import autocannon from 'autocannon'
import { Client } from 'undici'
import type { Expected, Tokens } from './rows.ts'
import { percentile } from './statistics.ts'
import { PAGE, pageOf } from './workers/pages.ts'

export const CONNECTIONS = 32

/** Where a row's requests go. */
export type Aim = {
  readonly url: string
  readonly path: string
  readonly tokens: Tokens
  readonly expected: Expected
}

interface Sent {
  readonly path: string
  readonly headers: Record<string, string>
}

function nextFor({ path, tokens }: Pick<Aim, 'path' | 'tokens'>): Sent {
  const next = tokens()
  if (next === undefined) {
    throw new Error('the fresh tokens or payments are used up: this machine is faster than was planned for')
  }
  return { path: `${path}${next.query ?? ''}`, headers: fieldsFor(next) }
}

function fieldsFor(next: NonNullable<ReturnType<Tokens>>): Record<string, string> {
  if (next.payment !== undefined) return { 'payment-signature': next.payment }
  if (next.accept !== undefined) return { accept: next.accept, 'accept-language': 'de' }
  if (next.token === undefined) return {}
  return next.isInCookie === true
    ? { cookie: `__Host-faregate=${next.token}`, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }
    : { authorization: `Bearer ${next.token}` }
}

/** Rejects unless the answers are what the row claims: a benchmark of errors is a lie. */
export async function verify(aim: Aim): Promise<void> {
  const { url, expected } = aim
  for (let attempt = 0; attempt < 3; attempt++) {
    const { path, headers } = nextFor(aim)
    const response = await fetch(`${url}${path}`, { headers })
    const body = await response.text()
    if (response.status !== expected.status) {
      throw new Error(`expected ${expected.status} and got ${response.status}: ${body}`)
    }
    if (expected.isAnyBody) continue
    if (expected.reason === undefined) {
      if (body !== pageOf(expected.bytes ?? PAGE.length)) throw new Error(`expected the page and got: ${body}`)
    } else {
      const isPage = body.startsWith('<!doctype html>')
      const reason = isPage
        ? /#([a-z-]+)" rel="help"/.exec(body)?.[1]
        : (JSON.parse(body) as { reason?: unknown }).reason
      if (reason !== expected.reason) throw new Error(`expected ${expected.reason} and got: ${body}`)
    }
  }
}

/** As many requests as the server takes, for so long. */
export async function saturate(
  aim: Aim,
  seconds: number,
  connections: number,
): Promise<{ requests: number; seconds: number }> {
  const { url, expected } = aim
  let usedUp: unknown
  const setupRequest = (request: autocannon.Request): autocannon.Request => {
    try {
      return { ...request, ...nextFor(aim) }
    } catch (error) {
      usedUp = error // thrown from a socket's event, it would end the process
      return request
    }
  }
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 50,
    requests: [{ setupRequest }],
  })
  if (usedUp !== undefined) throw usedUp
  const statuses = Object.keys(result.statusCodeStats ?? {})
  if (statuses.join() !== String(expected.status) || result.errors > 0) {
    throw new Error(`expected ${expected.status} alone: ${JSON.stringify([result.statusCodeStats, result.errors])}`)
  }
  return { requests: result.requests.total, seconds: result.duration }
}

export type Latency = { readonly p50Ms: number; readonly p99Ms: number }

/**
 * Requests at even intervals, whatever has been answered by then. A request's time runs from when it was due, so that
 * one stall counts for all who had to wait for it.
 */
export async function pace(aim: Aim, requestsPerSecond: number, seconds: number): Promise<Latency> {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(aim.url))
  const began = performance.now()
  const sent: Promise<number>[] = []
  try {
    for (let index = 0; index < requestsPerSecond * seconds; index++) {
      const due = began + (index * 1000) / requestsPerSecond
      // A timer is late by up to a millisecond, which is more than what is measured.
      while (performance.now() < due) await setImmediate()
      const client = clients[index % CONNECTIONS]
      if (client !== undefined) sent.push(latency(client, aim, due))
    }
    const times = await Promise.all(sent)
    return { p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) }
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

async function latency(client: Client, aim: Aim, due: number): Promise<number> {
  const { expected } = aim
  const { statusCode, body } = await client.request({ method: 'GET', ...nextFor(aim) })
  await body.dump()
  if (statusCode !== expected.status) throw new Error(`expected ${expected.status} and got ${statusCode}`)
  return performance.now() - due
}
