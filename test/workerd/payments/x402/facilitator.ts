/** How the double takes a request to settle. */
export type SettleMood =
  | 'settles'
  /** Moves the money, and its answer is lost, or comes as a page of somebody's proxy. */
  | 'loses'
  | '502'
  | 'pending'
  | '500-pending'
  | 'circle'
  | 'hangs'
  | '308'
  | { readonly refuses: string; readonly transaction?: string }
export type VerifyMood = 'valid' | 'throws' | '308' | '404' | '500' | 'hangs' | 'broken' | { readonly refuses: string }

interface Body {
  readonly x402Version: number
  readonly paymentPayload: {
    readonly payload: {
      readonly authorization: { readonly from: string; readonly value: string; readonly nonce: string }
    }
  }
  readonly paymentRequirements: { readonly network: string }
}

const HEADERS = { 'content-type': 'application/json' }

/** A facilitator without a chain: it believes every signature and moves a payment once. */
export class Facilitator {
  settles: SettleMood = 'settles'
  verifies: VerifyMood = 'valid'
  /** The paths that were asked, in order. */
  readonly calls: string[] = []
  /** What it was sent, in order. */
  readonly bodies: Body[] = []
  readonly fields: Headers[] = []
  /** The hash of each payment that has moved, by its nonce. */
  readonly moved = new Map<string, string>()

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    this.calls.push(pathname.slice(1))
    this.fields.push(request.headers)
    if (pathname.startsWith('/status/')) return Response.json({ status: 'completed', transaction: this.#last() })
    const body = (await request.json()) as Body
    this.bodies.push(body)
    return pathname === '/verify' ? this.#verify(body, request.signal) : this.#settle(body, request.signal)
  }

  #verify(body: Body, signal: AbortSignal): Response | Promise<Response> {
    const payer = body.paymentPayload.payload.authorization.from
    if (typeof this.verifies === 'object')
      return Response.json({ isValid: false, invalidReason: this.verifies.refuses, payer })
    return this.verifies === 'valid' ? Response.json({ isValid: true, payer }) : this.#fail(this.verifies, signal)
  }

  #settle(body: Body, signal: AbortSignal): Response | Promise<Response> {
    const { network } = body.paymentRequirements
    const { from: payer } = body.paymentPayload.payload.authorization
    const about = { network, payer }
    if (typeof this.settles === 'object') {
      const { refuses, transaction = '' } = this.settles
      return Response.json({ success: false, errorReason: refuses, transaction, ...about })
    }
    switch (this.settles) {
      case 'settles':
        return Response.json({ success: true, transaction: this.#move(body), ...about })
      case 'pending':
      case '500-pending': {
        const told = { success: false, errorReason: 'settlement_pending', transaction: this.#move(body), ...about }
        return Response.json(told, { status: this.settles === 'pending' ? 200 : 500 })
      }
      case 'circle':
        this.#move(body)
        return Response.json({ success: false, errorReason: 'settlement_pending', paymentId: 'payment-1', ...about })
      case 'loses':
      case '502':
        this.#move(body)
        return this.#fail(this.settles === '502' ? '502' : 'throws', signal)
      case 'hangs':
      case '308':
        return this.#fail(this.settles, signal)
    }
  }

  #move({ paymentPayload: { payload } }: Body): string {
    const { nonce } = payload.authorization
    const hash = this.moved.get(nonce) ?? `0x${String(this.moved.size + 1).padStart(64, '0')}`
    this.moved.set(nonce, hash)
    return hash
  }

  #last(): string | undefined {
    return [...this.moved.values()].at(-1)
  }

  #fail(how: string, signal: AbortSignal): Response | Promise<Response> {
    switch (how) {
      case 'hangs':
        return new Promise((_done, fail) => signal.addEventListener('abort', () => fail(new Error('late'))))
      case 'throws':
        throw new TypeError('connection lost')
      case 'broken':
        return new Response('{"isValid":true', { headers: HEADERS })
      case '308':
        return new Response(null, { status: 308, headers: { location: 'https://elsewhere.test/verify' } })
      default:
        // Whoever reads the body alone would take it for a yes.
        return Response.json(
          { isValid: true, success: true, transaction: `0x${'f'.repeat(64)}` },
          { status: Number(how) },
        )
    }
  }
}
