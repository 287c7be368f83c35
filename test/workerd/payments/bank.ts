/** How a bank takes a request to settle. */
export type Mood =
  | 'settles'
  | 'fails'
  /** Moves the money, and its answer is lost. */
  | 'loses'
  /** Moves nothing for now, and says that it does not know. */
  | 'pends'
  | 'throws'
  | 'hangs'

interface Asked {
  readonly payload: { readonly payer: string; readonly nonce: string }
  readonly tries?: number
}

/** Whoever moves the money: the facilitator of toy payments. It moves none twice. */
export class Bank {
  mood: Mood = 'settles'
  /** How it checks a payment before it is asked to settle it. */
  check: 'valid' | 'empty' | 'throws' = 'valid'
  /** The payments that it checked, in order; */
  readonly verified: string[] = []
  /** those that it was asked to settle, each with the number of the try; */
  readonly asked: string[] = []
  /** and the money that has moved. */
  readonly moved = new Map<string, string>()

  async answer(request: Request): Promise<Response> {
    const { payload, tries } = (await request.json()) as Asked
    const name = `${payload.payer} ${payload.nonce}`
    if (new URL(request.url).pathname === '/verify') return this.#verify(name)
    this.asked.push(`${payload.nonce} ${tries}`)
    return this.#settle(name)
  }

  #verify(name: string): Response {
    this.verified.push(name)
    if (this.check === 'throws') throw new TypeError('connection lost')
    return Response.json({ valid: this.check === 'valid' })
  }

  async #settle(name: string): Promise<Response> {
    switch (this.mood) {
      case 'settles':
        return Response.json({ kind: 'settled', reference: this.#move(name) })
      case 'fails':
        return Response.json({ kind: 'failed', reason: 'insufficient_funds' })
      case 'loses':
        this.#move(name)
        throw new TypeError('connection lost')
      case 'pends':
        return Response.json({ kind: 'unknown', reference: 'pending-1' })
      case 'throws':
        throw new TypeError('connection lost')
      case 'hangs':
        return new Promise(() => undefined)
    }
  }

  #move(name: string): string {
    const reference = this.moved.get(name) ?? `transaction-${this.moved.size + 1}`
    this.moved.set(name, reference)
    return reference
  }
}
