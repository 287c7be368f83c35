import type { CLIENTS } from './clients.ts'

/** What a program sees of an error: the name of its class, its status, and the sentence of the gate in its message. */
export interface SdkError {
  readonly name: string | undefined
  readonly status: unknown
  readonly message: unknown
}

interface Shown {
  /** The name of the class, by status. */
  readonly classes: Readonly<Record<number, string>>
  /** How often the SDK asks by default, by status; where it is not listed, once. */
  readonly tries: Readonly<Record<number, number>>
  /** Finds the sentence in the message of an error. */
  sentence(error: Fields): unknown
}

type Fields = Readonly<Record<string, unknown>>

const STAINLESS = {
  401: 'AuthenticationError',
  402: 'APIError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  413: 'APIError',
  429: 'RateLimitError',
  503: 'InternalServerError',
}
const ANTHROPIC = {
  ...STAINLESS,
  402: 'PaymentRequiredError',
  413: 'ContentTooLargeError',
  503: 'ServiceUnavailableError',
}
const STATUSES = Object.keys(STAINLESS).map(Number)
const always = (name: string) => Object.fromEntries(STATUSES.map((status) => [status, name]))
const THREE = { 409: 3, 429: 3, 503: 3 }

/** Stainless, who makes the SDKs of OpenAI and Anthropic, writes the status before the message. */
const afterStatus = ({ message }: Fields): unknown => String(message).replace(/^\d{3} /, '')

const openai: Shown = { classes: STAINLESS, tries: THREE, sentence: afterStatus }
const anthropic: Shown = { classes: ANTHROPIC, tries: THREE, sentence: afterStatus }
const genai: Shown = {
  classes: always('ApiError'),
  tries: {},
  sentence: ({ message }) => (JSON.parse(String(message)) as { error: Fields }).error['message'],
}
const ai: Shown = { classes: always('APICallError'), tries: THREE, sentence: ({ message }) => message }

export const SHOWN: Readonly<Record<keyof typeof CLIENTS, Shown>> = {
  openai,
  'openai (responses)': openai,
  anthropic,
  'anthropic (authToken)': anthropic,
  'anthropic 0.x': { ...anthropic, classes: STAINLESS },
  genai,
  'genai 2.x': genai,
  mistral: {
    classes: always('SDKError'),
    tries: {},
    sentence: ({ body }) => (JSON.parse(String(body)) as Fields)['message'],
  },
  'ai (openai)': ai,
  'ai (openai, chat)': ai,
  'ai (anthropic)': ai,
  // Its own wrapper asks again, up to six times, with waits of its own.
  langchain: {
    ...openai,
    tries: { 429: 7, 503: 7 },
    sentence: (error) => String(afterStatus(error)).split('\n\nTroubleshooting URL:')[0]?.trimEnd(),
  },
}

/** Returns what a program sees of an error of this SDK. */
export function shownBy(name: keyof typeof CLIENTS, thrown: unknown): SdkError {
  const error = lastOf(thrown)
  return {
    name: error instanceof Error ? error.constructor.name : String(error),
    status: fieldsOf(error)['status'] ?? fieldsOf(error)['statusCode'],
    message: SHOWN[name].sentence(fieldsOf(error)),
  }
}

/** Vercel's SDK wraps the error of the last try. */
function lastOf(thrown: unknown): unknown {
  return fieldsOf(thrown)['lastError'] ?? thrown
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
