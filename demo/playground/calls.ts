/** What the playground asks each provider, and how it reads the answers. Runs in the browser, and has no state. */

export interface PlaygroundProvider {
  readonly label: string
  /** Below the gate. */
  readonly route: string
  readonly models: string
  request(asked: Asked): { readonly path: string; readonly body: object }
  /** The field in which this provider's SDK sends its key. */
  readonly field: 'authorization' | 'x-api-key' | 'x-goog-api-key'
  /** Returns the text in one event. */
  text(data: unknown): string
}

export interface Asked {
  readonly model: string
  readonly prompt: string
  readonly most: number
}

function chat(label: string, route: string, version = 'v1'): PlaygroundProvider {
  return {
    label,
    route,
    models: `${route}/${version}/models`,
    request: ({ model, prompt, most }) => ({
      path: `${route}/${version}/chat/completions`,
      body: { model, max_tokens: most, stream: true, messages: [{ role: 'user', content: prompt }] },
    }),
    field: 'authorization',
    text: (data) => string(at(data, 'choices', 0, 'delta', 'content')),
  }
}

export const PLAYGROUND: Readonly<Record<string, PlaygroundProvider>> = {
  openai: {
    ...chat('OpenAI', '/openai'),
    request: ({ model, prompt, most }) => ({
      path: '/openai/v1/responses',
      body: { model, max_output_tokens: Math.max(16, most), stream: true, input: prompt },
    }),
    text: (data) => (at(data, 'type') === 'response.output_text.delta' ? string(at(data, 'delta')) : ''),
  },
  anthropic: {
    label: 'Anthropic',
    route: '/anthropic',
    models: '/anthropic/v1/models',
    request: ({ model, prompt, most }) => ({
      path: '/anthropic/v1/messages',
      body: { model, max_tokens: most, stream: true, messages: [{ role: 'user', content: prompt }] },
    }),
    field: 'x-api-key',
    text: (data) => string(at(data, 'delta', 'text')),
  },
  gemini: {
    label: 'Gemini',
    route: '/gemini',
    models: '/gemini/v1beta/models',
    request: ({ model, prompt, most }) => ({
      path: `/gemini/v1beta/models/${model}:streamGenerateContent?alt=sse`,
      body: { contents: [{ role: 'user', parts: [{ text: prompt }] }], generationConfig: { maxOutputTokens: most } },
    }),
    field: 'x-goog-api-key',
    text: (data) => string(at(data, 'candidates', 0, 'content', 'parts', 0, 'text')),
  },
  mistral: chat('Mistral', '/mistral'),
  qianfan: chat('Qianfan', '/qianfan', 'v2'),
  llama: chat('Llama', '/llama'),
}

/** The fields of a call with a key, as this provider's SDK sends them. */
export function callFields({ field }: PlaygroundProvider, key: string): Record<string, string> {
  const version = field === 'x-api-key' ? { 'anthropic-version': '2023-06-01' } : {}
  return {
    'content-type': 'application/json',
    ...version,
    [field]: field === 'authorization' ? `Bearer ${key}` : key,
  }
}

/** The same call for a terminal, where `TOKEN` is the key. */
export function curlOf(provider: PlaygroundProvider, asked: Asked, origin: string): string {
  const { path, body } = provider.request(asked)
  const fields = Object.entries(callFields(provider, '$TOKEN')).map(([name, value]) => ` \\\n  -H "${name}: ${value}"`)
  const data = JSON.stringify(body).replaceAll("'", String.raw`'\''`)
  return `curl -N '${origin}${path}'${fields.join('')} \\\n  -d '${data}'`
}

/** The ids in a list of models, of any provider. */
export function modelIds(list: unknown): string[] {
  const entries = at(list, 'data') ?? at(list, 'models')
  if (!Array.isArray(entries)) return []
  return entries.map((entry) => string(at(entry, 'id') ?? at(entry, 'name')).replace(/^models\//, '')).filter(Boolean)
}

/** A piece of an event stream: the data of an event, or a comment. */
export type StreamPiece = { readonly data: unknown } | { readonly comment: string }

/** Reads an event stream to its end. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamPiece> {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = `${rest}${decoder.decode(value, { stream: true })}`.split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith(':')) yield { comment: line.slice(1).trim() }
      if (line.startsWith('data:')) yield { data: parsed(line.slice(5)) }
    }
  }
}

export interface CallReceipt {
  readonly charge: string
  readonly amount: string
  readonly currency: string
}

/** Reads what a comment at the end of a stream says was charged. */
export function receiptIn(comment: string): CallReceipt | undefined {
  const [, json] = /^faregate (\{.*\})$/.exec(comment) ?? []
  const found = json === undefined ? undefined : parsed(json)
  const [charge, amount, currency] = ['charge', 'amount', 'currency'].map((name) => at(found, name))
  if (typeof charge !== 'string' || typeof amount !== 'string' || typeof currency !== 'string') return undefined
  return { charge, amount, currency }
}

/** The sentence that a refusal, of any provider's shape, is told to people by. */
export function messageIn(body: unknown): string {
  return string(at(body, 'error', 'message') ?? at(body, 'message') ?? at(body, 'detail'))
}

/** Returns the error that an event of a stream reports, if it reports one. */
export function errorIn(data: unknown): string | undefined {
  if (at(data, 'error') === undefined && at(data, 'type') !== 'error') return undefined
  return at(data, 'error') === null ? undefined : messageIn(data)
}

/** Returns `0.001` for `0.01 - 0.009`: decimals are no floats. */
export function difference(one: string, other: string): string {
  const places = Math.max(...[one, other].map((text) => text.split('.')[1]?.length ?? 0))
  const [from = 0n, less = 0n] = [one, other].map((text) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(`${whole}${fraction.padEnd(places, '0')}`)
  })
  const left = from - less
  const digits = String(left < 0n ? -left : left).padStart(places + 1, '0')
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '')
  return `${left < 0n ? '-' : ''}${digits.slice(0, digits.length - places)}${fraction === '' ? '' : `.${fraction}`}`
}

/** Returns what a call would reserve, in a sentence; '' if the gate does not say. `view`: the answer of `explain`. */
export function quoteIn(view: unknown): string {
  const bound = at(view, 'bound')
  const price = at(bound, 'price', 'amount')
  if (typeof price !== 'string') return messageIn(at(view, 'decision'))
  const currency = string(at(bound, 'price', 'currency'))
  const lines = at(bound, 'breakdown', 'lines')
  const parts = Array.isArray(lines) ? lines.map(lineOf) : []
  const made = parts.length === 0 ? '' : `: ${parts.join(', ')} for a million`
  const wouldFit = at(bound, 'wouldFit', 'output-tokens')
  if (typeof wouldFit === 'string')
    return `Reserves ${price} ${currency}: too much. ${wouldFit} tokens of answer would fit.`
  const isRefused = at(view, 'decision', 'action') !== 'serve'
  return isRefused ? `Reserves ${price} ${currency}: too much.` : `Reserves ${price} ${currency}${made}.`
}

/** Returns what a charge was made of; '' if the gate does not say. `view`: the answer of `charges`. */
export function measureIn(view: unknown): string {
  const lines = at(view, 'charge', 'breakdown', 'lines')
  if (!Array.isArray(lines) || lines.length === 0) return ''
  return `${lines.map(lineOf).join(', ')} for a million; ${string(at(view, 'charge', 'breakdown', 'basis'))}`
}

function lineOf(line: unknown): string {
  const name = { input: 'tokens in', output: 'out' }[string(at(line, 'name'))] ?? string(at(line, 'name'))
  return `${string(at(line, 'units'))} ${name} at ${string(at(line, 'rate'))}`
}

/** Returns the member at the end of a path of names and positions. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string | number, unknown>>)[step]
  }
  return found
}

export function string(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
