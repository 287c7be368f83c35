/** Answers calls of the API as Stripe does: keys, versions, parameters, idempotency, errors. */
import { findCall } from './calls.ts'
import { expanded } from './expand.ts'
import { checkParameters, listParam, type Params, readForm } from './form.ts'
import { StripeProblem } from './problem.ts'
import { API_VERSION, type DoubleState } from './state.ts'

interface KeptAnswer {
  readonly call: string
  readonly parameters: string
  readonly status: number
  readonly body: string
}

/** Answers one call. Nothing is lost or late here. */
export class StripeApiServer {
  readonly #state: DoubleState
  readonly #keys: readonly string[]
  readonly #kept = new Map<string, KeptAnswer>()
  #count = 0

  constructor(state: DoubleState, keys: readonly string[]) {
    this.#state = state
    this.#keys = keys
  }

  async answer(request: Request): Promise<Response> {
    const id = `req_${(++this.#count).toString().padStart(14, 'A')}`
    try {
      return await this.#answer(request, id)
    } catch (error) {
      if (!(error instanceof StripeProblem)) throw error
      return respond(
        error.status,
        { error: { ...error.error, request_log_url: `https://dashboard.stripe.com/${id}` } },
        id,
      )
    }
  }

  async #answer(request: Request, id: string): Promise<Response> {
    const url = new URL(request.url)
    this.#authenticate(request)
    const text = await request.text()
    const form =
      text !== '' && request.headers.get('content-type')?.split(';')[0] !== 'application/x-www-form-urlencoded'
    if (form)
      throw new StripeProblem(400, {
        message: 'Invalid request: the content type must be application/x-www-form-urlencoded.',
      })
    if (request.method !== 'POST' && text !== '')
      throw new StripeProblem(400, { message: 'Parameters belong in the query.' })
    const written = request.method === 'POST' ? text : url.search.slice(1)
    const found = findCall(request.method, url.pathname)
    if (found === undefined) {
      throw new StripeProblem(404, { message: `Unrecognized request URL (${request.method}: ${url.pathname}).` })
    }
    const params = readForm(new URLSearchParams(written))
    const key = request.method === 'GET' ? null : request.headers.get('idempotency-key')
    const kept = key === null ? undefined : this.#keptFor(key, `${request.method} ${url.pathname}`, written)
    if (kept !== undefined) return respond(kept.status, kept.body, id, { 'idempotent-replayed': 'true' })
    // What the API refuses for its parameters is not kept: nothing was begun.
    checkParameters(found.name, params)
    this.#state.request = { id, idempotency_key: key }
    try {
      return this.#carryOut(found, params, { id, key, path: url.pathname, method: request.method, written })
    } finally {
      this.#state.request = null
    }
  }

  #carryOut(
    { call, id }: NonNullable<ReturnType<typeof findCall>>,
    params: Params,
    asked: { id: string; key: string | null; path: string; method: string; written: string },
  ): Response {
    const { expand: _, ...rest } = params
    const paths = listParam(params, 'expand').filter((path) => typeof path === 'string')
    const { status, body } = settle(() => expanded(this.#state, call(this.#state, rest, id), paths))
    if (asked.key !== null) {
      const kept = { call: `${asked.method} ${asked.path}`, parameters: sorted(asked.written), status, body }
      this.#kept.set(asked.key, kept)
    }
    return respond(status, body, asked.id)
  }

  #authenticate(request: Request): void {
    const [scheme, key = ''] = (request.headers.get('authorization') ?? '').split(' ')
    const message = 'You did not provide an API key.'
    if (scheme !== 'Bearer' || key === '') throw new StripeProblem(401, { message })
    if (!this.#keys.includes(key)) {
      const shown = `${key.slice(0, 8)}${'*'.repeat(12)}${key.slice(-4)}`
      throw new StripeProblem(401, { message: `Invalid API Key provided: ${shown}` })
    }
    const version = request.headers.get('stripe-version') ?? API_VERSION
    if (version !== API_VERSION) {
      throw new StripeProblem(400, {
        message: `Invalid Stripe API version: ${version}. The double answers as ${API_VERSION}.`,
      })
    }
  }

  #keptFor(key: string, call: string, written: string): KeptAnswer | undefined {
    if (key === '' || key.length > 255) {
      throw new StripeProblem(400, { message: 'Idempotency keys are at most 255 characters long.' })
    }
    const kept = this.#kept.get(key)
    if (kept === undefined || (kept.call === call && kept.parameters === sorted(written))) return kept
    const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`
    throw new StripeProblem(400, { type: 'idempotency_error', message })
  }
}

/** Errors of a call that began are kept as answers are. */
function settle(work: () => object): { readonly status: number; readonly body: string } {
  try {
    return { status: 200, body: JSON.stringify(work()) }
  } catch (error) {
    if (!(error instanceof StripeProblem)) throw error
    return { status: error.status, body: JSON.stringify({ error: error.error }) }
  }
}

function sorted(written: string): string {
  const params = new URLSearchParams(written)
  params.sort()
  return params.toString()
}

function respond(status: number, body: object | string, id: string, fields: Record<string, string> = {}): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json', 'request-id': id, 'stripe-version': API_VERSION, ...fields }
  return new Response(text, { status, headers })
}
