import type { Observation } from '../../src/anomalies/rules/observation.ts'

/** The longest line of a log that is read: one without an end would need all memory. */
const MAX_LINE_LENGTH = 65_536

/** What a line of a file is: a request, something else that the gate wrote, or nothing that can be read. */
export type LogLine =
  | { readonly kind: 'request'; readonly line: RequestLine }
  | { readonly kind: 'other' }
  | { readonly kind: 'bad'; readonly why: string }

/** A request's line, with what tells later how an account went on. */
export interface RequestLine extends Observation {
  readonly sampled?: number
  readonly audit?: { readonly action: string }
}

/** Splits a stream of bytes into lines, and keeps one line at most. A line that is too long comes as undefined. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let [rest, isTooLong] = ['', false]
  for await (const chunk of chunks) {
    const parts = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      yield isTooLong || part.length > MAX_LINE_LENGTH ? undefined : part
      isTooLong = false
    }
    if (rest.length > MAX_LINE_LENGTH) [rest, isTooLong] = ['', true]
  }
  if (isTooLong) yield undefined
  else if (rest !== '') yield rest
}

const TEXTS = [
  'time',
  'id',
  'zone',
  'route',
  'decision',
  'reason',
  'rail',
  'credential',
  'account',
  'plan',
  'network',
  'country',
  'token',
  'checkout',
  'eventId',
] as const
const NUMBERS = ['status', 'asn', 'issued', 'sampled'] as const
const EVENTS: readonly unknown[] = [undefined, 'payment-declined', 'payment-succeeded']

/** Reads one line. `why` never shows what was read: it may be anything. */
export function readLogLine(text: string | undefined): LogLine {
  if (text === undefined) return bad(`it is longer than ${MAX_LINE_LENGTH} characters`)
  const value = parsed(text)
  if (!isObject(value)) return bad('it is no JSON object')
  if (!('decision' in value) && !('event' in value)) return { kind: 'other' }
  for (const name of TEXTS) if (!isOptional(value[name], 'string')) return bad(`"${name}" is no text`)
  for (const name of NUMBERS) if (!isOptional(value[name], 'number')) return bad(`"${name}" is no number`)
  if (!EVENTS.includes(value['event'])) return bad('"event" is none of billing’s')
  if (value['charged'] !== undefined && !isCharge(value['charged']))
    return bad('"charged" is not as the gate writes it')
  if (!isObject(value['audit'] ?? {})) return bad('"audit" is no object')
  // The `trip` of a line is a step of one, and `checkout` its name.
  return { kind: 'request', line: { ...value, trip: value['checkout'] } as unknown as RequestLine }
}

function bad(why: string): LogLine {
  return { kind: 'bad', why }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOptional(value: unknown, type: 'string' | 'number'): boolean {
  return value === undefined || typeof value === type
}

function isCharge(value: unknown): boolean {
  if (!isObject(value)) return false
  const { price, units } = value
  const isPrice =
    price === undefined ||
    (isObject(price) && typeof price['amount'] === 'string' && typeof price['currency'] === 'string')
  return (
    isPrice &&
    (units === undefined || (isObject(units) && Object.values(units).every((each) => typeof each === 'string')))
  )
}
