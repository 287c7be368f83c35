import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { open, shut } from '../../../tools/loopback.ts'

const DAY_SECONDS = 86_400
export const KEY = 'rk_test_a_key_for_the_tests'
export const METERS = ['api_requests', 'llm_tokens']
export const CUSTOMER = 'cus_ann'

/** What befalls a request: an answer in its place, or a connection that ends before or after it was heard. */
export type Fault = 'none' | 429 | 500 | 'unheard' | 'answer lost'

export interface Heard {
  readonly url: string
  readonly type: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/**
 * The meter events of Stripe's API, as its documentation has them: form-encoded, with an identifier that is unique for a
 * day, a whole number for a value, and a time of the last 35 days or the next five minutes.
 */
export class Meters {
  readonly heard: Heard[] = []
  readonly faults: Fault[] = []
  now = 0
  readonly #known = new Map<string, number>()
  readonly #sums = new Map<string, bigint>()
  readonly #server = createServer((request, response) => void this.#serve(request, response))

  /** Its URL. */
  listen(): Promise<string> {
    return open(this.#server)
  }

  close(): Promise<void> {
    return shut(this.#server)
  }

  reset(now: number): void {
    this.now = now
    this.heard.length = 0
    this.faults.length = 0
    this.#known.clear()
    this.#sums.clear()
  }

  sum(meter: string): bigint {
    return this.#sums.get(meter) ?? 0n
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    const fault = this.faults.shift() ?? 'none'
    if (fault === 'unheard') return void request.socket.destroy()
    if (typeof fault === 'number') return answer(response, fault, { error: { type: 'api_error' } })
    this.heard.push({ url: request.url ?? '', type: request.headers['content-type'], form })
    const wrong = this.#take(request, form)
    if (fault === 'answer lost') return void request.socket.destroy()
    if (wrong === undefined) return answer(response, 200, { object: 'billing.meter_event', livemode: false })
    answer(response, wrong.status, { error: { type: 'invalid_request_error', ...wrong.error } })
  }

  /** What is wrong with an event; undefined where it is counted. */
  #take({ method, url, headers }: IncomingMessage, form: Readonly<Record<string, string>>) {
    const { event_name: meter = '', identifier = '', timestamp, 'payload[value]': value = '' } = form
    if (headers.authorization !== `Bearer ${KEY}`) return { status: 401, error: { message: 'Invalid API Key' } }
    if (method !== 'POST' || url !== '/v1/billing/meter_events') return { status: 404, error: { message: 'Not found' } }
    const invalid = (message: string, code?: string) => ({ status: 400, error: { message, code } })
    if (!METERS.includes(meter)) return invalid('No active meter found', 'resource_missing')
    if (form['payload[stripe_customer_id]'] !== CUSTOMER) return invalid('No such customer', 'resource_missing')
    if (!/^-?\d+$/.test(value)) return invalid('Only whole numbers', 'parameter_invalid_integer')
    if (identifier.length > 100 || identifier === '') return invalid('Too long', 'parameter_invalid_string_blank')
    const at = Number(timestamp)
    const seconds = this.now / 1000
    if (!(at >= seconds - 35 * DAY_SECONDS && at <= seconds + 300)) return invalid('Out of bounds', 'timestamp_invalid')
    const known = this.#known.get(identifier)
    // This error has no code.
    if (known !== undefined && known > seconds - DAY_SECONDS) {
      return invalid(`An event already exists with identifier ${identifier}.`)
    }
    this.#known.set(identifier, seconds)
    this.#sums.set(meter, this.sum(meter) + BigInt(value))
    return undefined
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
