import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { Call, Try } from './crash-models-audit.ts'

/** What clients ask of a gate before six providers, and what they make of the answers. */

type Json = { readonly [name: string]: unknown }

/** One API, as its SDK uses it. */
interface ClientApi {
  readonly path: (isStream: boolean) => string
  readonly body: (prompt: string, cap: number, isStream: boolean) => Json
  /** Returns true if an event has text. */
  readonly hasText: (data: Json) => boolean
  /** Returns true for the last event of a stream that reached its end. */
  readonly isEnd: (data: Json | '[DONE]') => boolean
}

const isStreamed = (isStream: boolean): Json => (isStream ? { stream: true } : {})

function chatAt(path: string, cap: string): ClientApi {
  return {
    path: () => path,
    body: (content, most, isStream) => ({
      model: 'test',
      messages: [{ role: 'user', content }],
      [cap]: most,
      ...isStreamed(isStream),
    }),
    hasText: (data) => textIn(data, 'choices', 0, 'delta', 'content') !== '',
    isEnd: (data) => data === '[DONE]',
  }
}

export const clientApis: Readonly<Record<string, ClientApi>> = {
  openai: chatAt('/openai/v1/chat/completions', 'max_completion_tokens'),
  mistral: chatAt('/mistral/v1/chat/completions', 'max_tokens'),
  qianfan: chatAt('/qianfan/v2/chat/completions', 'max_tokens'),
  llama: chatAt('/llama/v1/chat/completions', 'max_tokens'),
  responses: {
    path: () => '/openai/v1/responses',
    body: (input, cap, isStream) => ({ model: 'test', input, max_output_tokens: cap, ...isStreamed(isStream) }),
    hasText: (data) => textIn(data, 'delta') !== '',
    isEnd: (data) => data !== '[DONE]' && /^response\.(?:completed|incomplete)$/.test(textIn(data, 'type')),
  },
  anthropic: {
    path: () => '/anthropic/v1/messages',
    body: (content, cap, isStream) => ({
      model: 'test',
      messages: [{ role: 'user', content }],
      max_tokens: cap,
      ...isStreamed(isStream),
    }),
    hasText: (data) => textIn(data, 'delta', 'text') !== '',
    isEnd: (data) => data !== '[DONE]' && textIn(data, 'type') === 'message_stop',
  },
  gemini: {
    path: (isStream) => `/gemini/v1beta/models/test:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (text, cap) => ({
      contents: [{ role: 'user', parts: [{ text }] }],
      generationConfig: { maxOutputTokens: cap },
    }),
    hasText: (data) => textIn(data, 'candidates', 0, 'content', 'parts', 0, 'text') !== '',
    isEnd: (data) => data !== '[DONE]' && textIn(data, 'candidates', 0, 'finishReason') !== '',
  },
}

/** Returns the text at a path in JSON, or the empty text. */
function textIn(data: unknown, ...path: readonly (string | number)[]): string {
  let found = data
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return ''
    found = (found as Record<string | number, unknown>)[name]
  }
  return typeof found === 'string' ? found : ''
}

/** Where a client asks, as whom, and until when. */
export interface Client {
  /** The gate; another one after it was killed. */
  readonly gate: { readonly url: string }
  readonly account: string
  readonly token: string
  /** Leaves after so many milliseconds; undefined to stay. */
  readonly leavesAfterMs?: number | undefined
  readonly isOver: () => boolean
}

/** SDKs try a call three times in all, and wait as long as they are told, or half a second. */
const MOST_TRIES = 3
const BACKOFF_MS = 300
/** Whoever is told to pay asks for nothing for a moment. */
const PAUSE_MS = 200
const MOST_WAIT_MS = 5000

/** Makes a call as an SDK does: what may pass by itself is tried again. */
export async function makeCall(client: Client, call: Call): Promise<void> {
  for (let tried = 0; tried < MOST_TRIES && !(tried > 0 && client.isOver()); tried++) {
    const seen: Try = { at: Date.now(), tokens: 0, end: 'lost' }
    call.tries.push(seen)
    const waitMs = await tryOnce(client, call, tried, seen)
    seen.until = Date.now()
    if (waitMs === undefined) return seen.status === 402 ? sleep(PAUSE_MS) : undefined
    await sleep(Math.min(waitMs, MOST_WAIT_MS))
  }
}

/** The prompt names the call to the provider, whose log is compared in the end. */
export const promptOf = (account: string, { cap, fault }: Call): string => `${account} asks ${cap} [[${fault}]]`
/** Reads the same. */
export const ASKED = /"(account-[\w-]+) asks (\d+) /

/** Returns how long to wait before the next try; undefined if there is none. */
async function tryOnce(client: Client, call: Call, tried: number, seen: Try): Promise<number | undefined> {
  const { gate, account, token, leavesAfterMs } = client
  const { api: name, isStream, cap } = call
  const api = clientApis[name]
  if (api === undefined) throw new Error(`no such API: ${name}`)
  const leaving = new AbortController()
  const timer = leavesAfterMs === undefined ? undefined : setTimeout(() => leaving.abort(), leavesAfterMs)
  try {
    const { statusCode, headers, body } = await request(gate.url + api.path(isStream), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'user-agent': `try/${tried}`,
        'x-stainless-retry-count': String(tried),
      },
      body: JSON.stringify(api.body(promptOf(account, call), cap, isStream)),
      signal: leaving.signal,
    })
    seen.status = statusCode
    seen.end = 'cut'
    const charge = headers['faregate-charge']
    if (typeof charge === 'string') seen.charge = charge
    if (statusCode >= 400) {
      const refusal: unknown = await body.json()
      // Whose credit is used up is told so before its call is read.
      if (statusCode === 402) seen.needed = nanosIn(textIn(refusal, 'needed', 'credit', 'amount')) || 1
      return isRetried(statusCode) ? waitOf(headers) : undefined
    }
    await (isStream ? readStream(body, api, seen) : readWhole(body, seen))
    return undefined
  } catch {
    if (leaving.signal.aborted) seen.end = 'left'
    return seen.end === 'lost' ? BACKOFF_MS : undefined
  } finally {
    clearTimeout(timer)
  }
}

const isRetried = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500

function waitOf(headers: Readonly<Record<string, string | string[] | undefined>>): number {
  const ms = Number(headers['retry-after-ms'] ?? Number.NaN)
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return ms >= 0 ? ms : seconds >= 0 ? seconds * 1000 : BACKOFF_MS
}

async function readWhole(body: AsyncIterable<Uint8Array>, seen: Try): Promise<void> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  JSON.parse(Buffer.concat(pieces).toString())
  seen.end = 'complete'
}

/** Reads events as they come. What came before a stream broke off has been read then. */
async function readStream(body: AsyncIterable<Uint8Array>, api: ClientApi, seen: Try): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  let isComplete = false
  for await (const piece of body) {
    const events = (rest + decoder.decode(piece, { stream: true }).replaceAll('\r', '')).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) isComplete = readEvent(event, api, seen) || isComplete
  }
  if (isComplete) seen.end = 'complete'
}

const RECEIPT = /^: faregate (\{.*\})$/m

function readEvent(event: string, api: ClientApi, seen: Try): boolean {
  const receipt = RECEIPT.exec(event)?.[1]
  if (receipt !== undefined) seen.receipt = nanosIn(textIn(JSON.parse(receipt), 'amount'))
  const text = /^data: ?(.*)$/m.exec(event)?.[1]
  if (text === undefined) return false
  if (text === '[DONE]') return api.isEnd(text)
  const data = JSON.parse(text) as Json
  if (api.hasText(data)) seen.tokens += 1
  return api.isEnd(data)
}

function nanosIn(amount: string): number {
  const [whole = '0', fraction = ''] = amount.split('.')
  return Number(whole) * 1e9 + Number(fraction.padEnd(9, '0'))
}
