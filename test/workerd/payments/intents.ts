/** How Stripe takes a call: `loses` after the PaymentIntent is recorded; `down`, `busy` and `locked` before it. */
export type StripeMood = 'succeeds' | 'processes' | 'loses' | 'down' | 'busy' | 'locked' | 'html' | 'moved'

interface Made {
  readonly form: string
  readonly status: number
  /** What the first call was answered, and every call like it. */
  readonly said: object
  readonly id: string
  /** How it stands now. */
  state: string
}

interface StripeRequest {
  readonly path: string
  readonly fields: Headers
  readonly form: URLSearchParams
}

const failed = (status: number, error: object): Response => Response.json({ error }, { status })

/** Stripe's PaymentIntents: one for each idempotency key, whatever is asked again. */
export class Intents {
  mood: StripeMood = 'succeeds'
  /** What was made, by idempotency key, */
  readonly made = new Map<string, Made>()
  /** and each call that came. */
  readonly calls: StripeRequest[] = []

  async answer(request: Request): Promise<Response> {
    const form = new TextDecoder().decode(await request.arrayBuffer())
    const path = new URL(request.url).pathname
    this.calls.push({ path, fields: request.headers, form: new URLSearchParams(form) })
    switch (this.mood) {
      case 'down':
        return failed(503, { type: 'api_error' })
      case 'busy':
        return failed(429, { type: 'rate_limit_error' })
      case 'locked':
        return failed(401, { type: 'invalid_request_error' })
      case 'html':
        return new Response('<html>')
      case 'moved':
        return Response.redirect('https://elsewhere.test/', 308)
      case 'succeeds':
      case 'processes':
      case 'loses':
        return request.method === 'GET' ? this.#show(path) : this.#make(form, request)
    }
  }

  #show(path: string): Response {
    const found = [...this.made.values()].find(({ id }) => path.endsWith(`/${id}`))
    return found === undefined
      ? failed(404, { type: 'invalid_request_error' })
      : Response.json({ id: found.id, status: found.state })
  }

  #make(form: string, { headers }: Request): Response {
    const key = headers.get('idempotency-key') ?? ''
    const known = this.made.get(key)
    if (known !== undefined && known.form !== form) return failed(400, { type: 'idempotency_error' })
    const { status, said } = known ?? this.#charge(form, key)
    if (this.mood === 'loses') throw new TypeError('connection lost')
    return Response.json(said, { status, headers: known === undefined ? {} : { 'idempotent-replayed': 'true' } })
  }

  #charge(form: string, key: string): Made {
    const token = new URLSearchParams(form).get('shared_payment_granted_token') ?? ''
    const id = `pi_${this.made.size + 1}`
    const state = this.#stateOf(token)
    const made = token.includes('refused')
      ? { form, status: 402, said: { error: { type: 'card_error', code: 'card_declined' } }, id, state: 'canceled' }
      : { form, status: 200, said: { id, status: state }, id, state }
    this.made.set(key, made)
    return made
  }

  #stateOf(token: string): string {
    if (token.includes('action')) return 'requires_action'
    if (token.includes('decline')) return 'requires_payment_method'
    return this.mood === 'processes' ? 'processing' : 'succeeded'
  }

  /** The PaymentIntents whose money has moved. */
  get charged(): readonly string[] {
    return [...this.made.values()].filter(({ state }) => state === 'succeeded').map(({ id }) => id)
  }
}
