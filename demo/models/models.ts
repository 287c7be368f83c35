import { errorBody, wrongKey } from './errors.ts'
import { type Course, eventStream, type ModelEvent } from './events.ts'
import { numberOf, UnknownFault } from './faults.ts'
import { type Api, apiAt, familyOf } from './routes.ts'
import { type Family, FAMILIES, type JsonBody, objectIn, type Turn, turnOf, type TurnUsage, usedBy } from './turn.ts'

/**
 * A provider of language models that speaks the APIs of six real ones, for tests and for the demo.
 *
 * One token is one word or one mark of punctuation, so what a call uses is known: `log[0].usage`. Each provider lies under a path
 * of its own (`/openai/v1/chat/completions`, `/anthropic/v1/messages`, …), and demands a key of its own (`MODEL_KEYS`). Without such a
 * path the shape of the URL says which is meant, or else the key.
 *
 * Streams are generated as fast as they are read, and nothing waits for a clock. A request asks for more in the id of its model
 * (`any-name~tokens-500~no-usage`), or in its last message (`[[tokens-500, no-usage]]`). N is a number:
 *
 * | | |
 * |---|---|
 * | `tokens-N` | the text has N tokens; without it about 60. The caps of the request hold |
 * | `thinking-N` | N tokens of reasoning before the text; they count as output |
 * | `tool` | calls the first tool that is declared. So does a prompt that has a tool's name, and a `tool_choice` that demands it |
 * | `incomplete`, `failed` | the answer ends as one that was cut off; as one that failed, with usage (Responses) |
 * | `continuation` | Gemini: ends with `CONTINUATION` |
 * | `cached-N`, `cache-write-N`, `cache-write-long-N` | of the input, so many tokens in these classes |
 * | `audio-in-N`, `audio-out-N`, `search-N`, `tool-prompt-N` | tokens of sound; web searches; tokens of a hidden prompt |
 * | `tier-NAME`, `region-NAME`, `served-ID`, `snapshot` | the tier, region and model that the answer names; `snapshot`: the id and a date |
 * | `status-NNN` | that status with a body in the provider's shape; 302 leads to another host; 401, 403 echo the key |
 * | `first-N-NNN` | that status for the first N requests for this model, then an answer |
 * | `error-first`, `error-after-N` | an error as the first event of a 200; after N events |
 * | `dies-after-N`, `ends-after-N` | the connection breaks after N events; ends there as if all were well |
 * | `no-usage`, `usage-twice` | nothing is reported; a low report precedes the true one |
 * | `usage-less`, `usage-more` | a tenth is reported; ten times as much |
 * | `never-ends` | the text goes on until its reader leaves |
 * | `slow`, `slow-first`, `pause-after-N` | waits for `release()` before the head; before the first event; after N events |
 * | `crlf`, `split-N`, `big-N` | lines end with CRLF; chunks of N bytes; an event of N KiB first (chat) |
 * | `headers` | 64 fields with the operator's ids, beside those that every answer has |
 * | `strict` | 400 if the request has `stream_options`, as servers do that do not know them |
 */

/** The operator's keys. */
export const MODEL_KEYS: Readonly<Record<Family, string>> = {
  openai: 'sk-proj-canaryOperatorKeyOfOpenai0001',
  anthropic: 'sk-ant-api03-canaryOperatorKey0002',
  gemini: 'AIzaSyCanaryOperatorKeyOfGemini0003',
  mistral: 'canaryOperatorKeyOfMistral000000004',
  qianfan: 'bce-v3/ALTAK-canary/OperatorKey0005',
  compatible: 'canary-operator-key-compatible-0006',
}

/** What a gate before the provider has in its environment: where it is, and the operator's keys. */
export function modelVariables(url: string): Readonly<Record<string, string>> {
  const keys = Object.entries(MODEL_KEYS).map(([family, key]) => [`${family.toUpperCase()}_KEY`, key])
  return { MODELS_URL: url, ...Object.fromEntries(keys) }
}

/** One request that the provider got. */
export interface ModelCall {
  readonly method: string
  /** Without the provider's own part. */
  readonly path: string
  readonly query: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: JsonBody
  /** The content as it came. */
  readonly text: string
  readonly family: Family
  readonly status: number
  /** What all of the answer uses, whatever is reported; undefined for what has no price. */
  readonly usage: TurnUsage | undefined
  /** Events sent so far. */
  readonly events: number
  /** Tokens of output sent so far, in a stream. */
  readonly generated: number
  readonly state: 'open' | 'done' | 'broken' | 'cancelled'
  /** Resolves once `state` is not `open`. */
  readonly ended: Promise<void>
}

export interface Models {
  fetch(request: Request): Promise<Response>
  /** In order of arrival. */
  readonly log: readonly ModelCall[]
  /** Resolves once so many requests have arrived, free ones included. */
  arrived(count: number): Promise<void>
  /** Lets everything go on that waits now. */
  release(): void
}

export interface ModelsSettings {
  /** A provider whose key is '' demands none. Default: `MODEL_KEYS`. */
  readonly keys?: Partial<Record<Family, string>>
  /** Awaited before each event with a token: for people, who like to see them come. Default: nothing. */
  readonly pace?: () => Promise<void>
}

type Noted = { -readonly [Name in keyof ModelCall]: ModelCall[Name] } & { end(how: ModelCall['state']): void }

/** Creates a provider, which is used as a function or, by `serve.ts`, over a socket. */
export function createModels(settings: ModelsSettings = {}): Models {
  const keys = { ...MODEL_KEYS, ...settings.keys }
  const log: Noted[] = []
  const arrivals = new Set<() => void>()
  const waiting = new Set<() => void>()
  const asked = new Map<string, number>()
  const wait = (): Promise<void> => new Promise((resolve) => waiting.add(resolve))

  async function answer(request: Request): Promise<Response> {
    const { call, api, key } = await noted(request, keys)
    log.push(call)
    for (const look of arrivals) look()
    const respond = (status: number, body: object | undefined, fields: Record<string, string> = {}): Response => {
      call.status = status
      call.end('done')
      return Response.json(body, { status, headers: { ...answerFields(call.family, log.length), ...fields } })
    }
    const fail = (status: number, message: string, fields: Record<string, string> = {}): Response =>
      respond(status, errorBody(call.family, status, message), fields)
    if (keys[call.family] !== '' && key !== keys[call.family]) return fail(401, wrongKey(call.family, key ?? ''))
    if (api === undefined) return fail(404, `Unknown request URL: ${call.method} ${call.path}.`)
    if (api.kind === 'fixed') return respond(200, api.answer())
    const model = api.model ?? call.body['model']
    if (typeof model !== 'string') return fail(400, 'you must provide a model parameter')
    const missing = api.missing?.(call.body, request.headers)
    if (missing !== undefined) return fail(400, missing)
    const turn = turnOf(call.family, model, call.body, log.length)
    if (turn.faults.has('strict') && call.body['stream_options'] !== undefined)
      return fail(400, 'Unrecognized: stream_options')
    if (turn.faults.has('slow')) await wait()
    const status = statusOf(turn, asked)
    if (status === 302) return fail(302, 'Moved', { location: `https://elsewhere.example/?key=${key ?? ''}` })
    if (status !== undefined)
      return fail(status, status === 401 || status === 403 ? wrongKey(call.family, key ?? '') : 'No.', retry(status))
    if (api.isFree !== true) call.usage = usedBy(turn)
    if (api.events === undefined || !(turn.isStream || api.isStream === true)) {
      if (turn.faults.has('never-ends')) await left(request.signal, call)
      return respond(200, api.answer(turn), extraFields(turn))
    }
    return streamed(api, turn, api.events(turn), call, { wait, pace: settings.pace ?? (async () => undefined) })
  }

  return {
    async fetch(request) {
      try {
        return await answer(request)
      } catch (error) {
        if (!(error instanceof UnknownFault)) throw error
        return Response.json({ error: { message: error.message } }, { status: 400 })
      }
    },
    log,
    arrived: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (log.length < count) return
          arrivals.delete(look)
          resolve()
        }
        arrivals.add(look)
        look()
      }),
    release() {
      for (const go of waiting) go()
      waiting.clear()
    },
  }
}

function streamed(
  api: Extract<Api, { kind: 'model' }>,
  turn: Turn,
  events: Iterable<ModelEvent>,
  call: Noted,
  means: Pick<Course, 'wait' | 'pace'>,
): Response {
  const course: Course = {
    ...means,
    sent({ tokens = 0 }) {
      call.events += 1
      call.generated += tokens
    },
    ended: (how) => call.end(how),
  }
  const headers = {
    ...answerFields(call.family, turn.serial),
    ...extraFields(turn),
    'content-type': 'text/event-stream; charset=utf-8',
  }
  return new Response(eventStream(api.name, turn, events, course), {
    headers: { ...headers, 'cache-control': 'no-cache' },
  })
}

/** Never resolves but by a throw, once the client has left. */
function left(signal: AbortSignal, call: Noted): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      call.end('cancelled')
      reject(new Error('the client left'))
    })
  })
}

async function noted(request: Request, keys: Readonly<Record<Family, string>>) {
  const url = new URL(request.url)
  const key = keyIn(request.headers, url)
  const [, first = '', ...rest] = url.pathname.split('/')
  const prefix = FAMILIES.find((family) => family === first)
  const path = prefix === undefined ? url.pathname : `/${rest.join('/')}`
  const family =
    prefix ??
    familyOf(
      path,
      FAMILIES.find((family) => keys[family] === key),
    )
  const text = await request.text()
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const call: Noted = {
    method: request.method,
    path,
    query: url.search,
    fields: Object.fromEntries(request.headers),
    body: parsed(text),
    text,
    family,
    status: 200,
    usage: undefined,
    events: 0,
    generated: 0,
    state: 'open',
    ended,
    end(how) {
      if (call.state === 'open') call.state = how
      resolve()
    },
  }
  return { call, api: apiAt(family, request.method, path, url.searchParams), key }
}

function keyIn(headers: Headers, url: URL): string | undefined {
  const bearer = headers.get('authorization')?.replace(/^Bearer /i, '')
  return bearer ?? headers.get('x-api-key') ?? headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? undefined
}

function parsed(text: string): JsonBody {
  try {
    return objectIn(JSON.parse(text))
  } catch {
    return {}
  }
}

function statusOf({ faults, model }: Turn, asked: Map<string, number>): number | undefined {
  const [times, status] = (faults.get('first') ?? '').split('-').map(Number)
  if (times === undefined || status === undefined) return numberOf(faults, 'status')
  const before = asked.get(model) ?? 0
  asked.set(model, before + 1)
  return before < times ? status : undefined
}

function retry(status: number): Record<string, string> {
  return status === 429 || status === 503 ? { 'retry-after': '1' } : {}
}

/** What real answers have, and tell of the operator. */
function answerFields(family: Family, serial: number): Record<string, string> {
  const fields = { 'x-request-id': `req_${serial}`, 'set-cookie': '__cf_bm=canary; HttpOnly', server: 'cloudflare' }
  if (family === 'anthropic')
    return { ...fields, 'request-id': `req_${serial}`, 'anthropic-organization-id': 'org-canary' }
  if (family === 'openai')
    return {
      ...fields,
      'openai-organization': 'org-canary',
      'openai-project': 'proj_canary',
      'openai-version': '2020-10-01',
    }
  return fields
}

function extraFields({ faults }: Turn): Record<string, string> {
  if (!faults.has('headers')) return {}
  return Object.fromEntries(
    Array.from({ length: 64 }, (_, index) => [`x-operator-${index}`, `org-canary-${'x'.repeat(100)}`]),
  )
}
