import type { MeasureOptions, Metered, MeteredAmount } from '../../access/meter.ts'
import { describeMoney } from '../../core/money.ts'
import { refusal } from '../../core/problem.ts'
import { passthrough, sendOwn } from '../../http/passthrough.ts'
import { withTimeout } from '../../http/timeout.ts'
import type { AnswerPlan } from './answer.ts'
import type { AnswerFlow } from './flow.ts'
import { afterLeaving, type AnswerEnd, usageSource } from './rules/answerend.ts'
import type { AnswerTap } from './tap.ts'

/** How long the head of a stream waits for its first event. After that the stream goes on as it is. */
const FIRST_EVENT_MS = 10_000
/** `used` is given up after 25 s. */
const MOST_DRAIN_SECONDS = 24

const BROKEN_OFF = refusal('origin-unreachable', 'The provider broke off its answer.')
const INCOMPLETE = new Error('the answer did not reach its end')

/** Makes the flow of an answer. `onLeft`: called if its client takes no more. */
export type MakeFlow = (tap: AnswerTap, onLeft: () => void) => AnswerFlow

/** One answer on its way to its client. */
export class AnswerDelivery implements AnswerTap {
  readonly #tap: AnswerTap
  readonly #plan: AnswerPlan
  readonly #options: MeasureOptions
  readonly #flow: AnswerFlow
  readonly #amount = Promise.withResolvers<MeteredAmount | undefined>()
  /** True once nobody takes any more of the answer. */
  #hasLeft = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(tap: AnswerTap, plan: AnswerPlan, options: MeasureOptions, makeFlow: MakeFlow) {
    this.#tap = tap
    this.#plan = plan
    this.#options = options
    const onLeft = (): void => this.#leave()
    this.#flow = makeFlow(this, onLeft)
    if (options.left.aborted) onLeft()
    else options.left.addEventListener('abort', onLeft, { once: true })
  }

  get bytes(): number {
    return this.#tap.bytes
  }

  get hasBegun(): boolean {
    return this.#tap.hasBegun
  }

  get hasFailed(): boolean {
    return this.#tap.hasFailed
  }

  get isBetween(): boolean {
    return this.#tap.isBetween
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    const passing = this.#tap.push(piece)
    // What was not known when the client left may be known now.
    if (this.#hasLeft && this.#plan.reader.isRunning?.() === true) this.#flow.cancel()
    return passing
  }

  end(end: AnswerEnd): readonly Uint8Array[] {
    return this.#tap.end(end)
  }

  /** Reads until `isEnough`, to the end, or until it has taken too long. Returns the end, if it has come. */
  async begin(isEnough: () => boolean): Promise<AnswerEnd | undefined> {
    const { left } = this.#options
    const gone = Promise.withResolvers<undefined>()
    const onLeft = (): void => gone.resolve(undefined)
    left.addEventListener('abort', onLeft, { once: true })
    if (left.aborted) onLeft()
    const end = await withTimeout(Promise.race([this.#flow.begin(isEnough), gone.promise]), FIRST_EVENT_MS)
    left.removeEventListener('abort', onLeft)
    return end
  }

  /** Gives the answer up: nothing of it leaves. */
  giveUp(): void {
    this.#hasLeft = true
    this.#flow.cancel()
    this.#flow.leave()
    this.#flow.body.cancel().catch(() => undefined)
    this.#flow.run().catch(() => undefined)
  }

  /** Lets the answer go on. `isStream`: it is a stream of events, and can be ended in order. */
  deliver({ status, statusText, headers: given }: Response, isStream: boolean): Metered {
    const run = this.#run(isStream)
    this.#options.waitUntil(run.catch(() => undefined))
    sendOwn({
      body: this.#flow.body,
      left: run,
      cut: () => {
        this.#flow.cut(INCOMPLETE)
        this.#stop()
      },
      finish: (last) => {
        this.#options.waitUntil(this.#flow.finish(last).catch(() => undefined))
        this.#stop()
      },
      tap: (sees) => this.#flow.tap(sees),
    })
    const headers = new Headers(given)
    if (isStream) headers.delete('content-length')
    const response = passthrough(this.#flow.body, { status, statusText, headers })
    return { response, used: () => this.#amount.promise }
  }

  async #run(isStream: boolean): Promise<void> {
    const end = await this.#flow.run()
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    const amount = await this.#price(end).catch(() => undefined)
    this.#amount.resolve(amount)
    if (this.#hasLeft) throw INCOMPLETE
    if (!isStream && end !== 'whole') this.#flow.cut(INCOMPLETE)
    else await this.#flow.finish(isStream ? this.#last(end, amount) : undefined)
    if (end !== 'whole') throw INCOMPLETE
  }

  #leave(): void {
    if (this.#hasLeft) return
    this.#flow.leave()
    this.#stop()
  }

  /** Asks the provider for no more than is needed to know what was used. */
  #stop(): void {
    if (this.#hasLeft) return
    this.#hasLeft = true
    const { reader, drainSeconds } = this.#plan
    if (afterLeaving(reader.isRunning?.() ?? false, drainSeconds) === 'cancel') this.#flow.cancel()
    else this.#timer = setTimeout(() => this.#flow.cancel(), Math.min(drainSeconds, MOST_DRAIN_SECONDS) * 1000)
  }

  async #price(end: AnswerEnd): Promise<MeteredAmount | undefined> {
    const { reader } = this.#plan
    const { hasBegun, hasFailed } = this.#tap
    const final = reader.final()
    const soFar = final === undefined ? reader.soFar(this.#tap.bytes) : undefined
    const known = { hasFinal: final !== undefined, hasSoFar: soFar !== undefined, hasBegun, hasFailed }
    switch (usageSource(end, known)) {
      case 'final':
        return final && this.#plan.price(final, 'measured')
      case 'so-far':
        return soFar && this.#plan.price(soFar, 'bounded')
      case 'unreported':
        return this.#plan.unreported?.()
      case 'reserved':
        return undefined
      case 'nothing':
        return nothingOf(this.#options.bound.amount)
    }
  }

  /** Returns what follows the last event of a stream. */
  #last(end: AnswerEnd, amount: MeteredAmount | undefined): Uint8Array | undefined {
    const isCut = end === 'broken' && !this.#tap.hasFailed
    const terminal = isCut ? this.#plan.terminal(BROKEN_OFF) : ''
    const receipt = this.#receipt(amount)
    if (terminal === '' && receipt === '') return undefined
    const gap = this.#tap.isBetween ? '' : '\n\n'
    return new TextEncoder().encode(gap + terminal + receipt)
  }

  #receipt(amount: MeteredAmount | undefined): string {
    const { charge, bound } = this.#options
    if (charge === undefined || !this.#plan.hasReceipt) return ''
    const most = bound.amount.price
    const price = amount === undefined ? most : amount.price
    const charged = price !== undefined && most !== undefined && price.units > most.units ? most : price
    const facts = { charge, ...(charged && describeMoney(charged)), ...(amount === undefined && { basis: 'reserved' }) }
    return `: faregate ${JSON.stringify(facts)}\n\n`
  }
}

function nothingOf({ counts, price }: MeteredAmount): MeteredAmount {
  return {
    counts: counts.map(({ name }) => ({ name, units: 0n })),
    ...(price && { price: { ...price, units: 0n } }),
  }
}
