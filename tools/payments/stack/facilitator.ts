/**
 * An x402 facilitator that can be told to fail. What settles is an engine: the reference one, on a chain (reference.ts), or
 * the one of stub.ts, which answers at once and needs no package. Both remember what they settled, as the facilitators in use do:
 * the same body again is answered as the first was, and moves nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { NETWORK } from './names.ts'
import { json, serve, type Served } from './serve.ts'

type Endpoint = 'supported' | 'verify' | 'settle'
type VerifyFault = 'hang' | 'drop' | '308' | '404' | '500' | '502' | 'lie'
type SettleFault =
  | Exclude<VerifyFault, 'lie'>
  | 'settle-then-drop'
  | 'settle-then-hang'
  | 'settle-then-502'
  | 'pending'
  | '500-pending'

export interface Facilitator extends Served {
  /** The endpoints that were asked, in order; `moved` is where a redirection leads. */
  readonly calls: string[]
  /** The last body that `/settle` was sent. */
  readonly lastSettle: () => PaymentBody | undefined
  /** Fails the next `times` calls. Faults of one endpoint happen in the order they were asked for. */
  readonly failVerify: (fault: VerifyFault, times?: number) => void
  readonly failSettle: (fault: SettleFault, times?: number) => void
  /** While it is down, every endpoint answers 503. */
  readonly down: (is: boolean) => void
  /** Has calls of an endpoint wait until the function that is returned is called. */
  readonly hold: (endpoint: Endpoint) => () => void
  /** Resolves when an endpoint is next asked, before it answers. */
  readonly arrival: (endpoint: Endpoint) => Promise<void>
  /** Resolves when an endpoint has next answered. */
  readonly departure: (endpoint: Endpoint) => Promise<void>
  /** Forgets what it has settled: the same body again is an authorization that is used. */
  readonly forget: () => void
  /** Neither faults nor calls, as at the start; what is settled stays. */
  readonly reset: () => void
}

export interface PaymentBody {
  readonly x402Version: number
  readonly paymentPayload: {
    readonly payload: { readonly signature: string; readonly authorization: Authorization }
  }
  readonly paymentRequirements: { readonly network: string; readonly asset: string; readonly amount?: string }
}

interface Authorization {
  readonly from: string
  readonly to: string
  readonly value: string
  readonly validAfter: string
  readonly validBefore: string
  readonly nonce: string
}

export interface Settled {
  readonly success: boolean
  readonly transaction: string
  readonly network: string
  readonly payer?: string
  readonly errorReason?: string
}

export interface Engine {
  readonly supported: () => unknown
  readonly verify: (body: PaymentBody) => Promise<{ readonly isValid: boolean; readonly payer?: string }>
  readonly settle: (body: PaymentBody) => Promise<Settled>
}

/** The name of a payment: what the chain knows it by. */
export function paymentName({ paymentPayload, paymentRequirements }: PaymentBody): string {
  const { from, nonce } = paymentPayload.payload.authorization
  return `${paymentRequirements.asset} ${from} ${nonce}`.toLowerCase()
}

/** What it was told to do, and what it saw. */
interface State {
  readonly calls: string[]
  readonly verifyFaults: VerifyFault[]
  readonly settleFaults: SettleFault[]
  readonly held: Map<string, Promise<void>>
  readonly awaited: Map<string, PromiseWithResolvers<void>>
  readonly settled: Map<string, Settled>
  down: boolean
  lastSettle: PaymentBody | undefined
}

export async function serveFacilitator(engine: Engine): Promise<Facilitator> {
  const state: State = {
    calls: [],
    verifyFaults: [],
    settleFaults: [],
    held: new Map(),
    awaited: new Map(),
    settled: new Map(),
    down: false,
    lastSettle: undefined,
  }
  const served = await serve(async (request, response) => {
    const [, endpoint = '', rest] = (request.url ?? '').split('/')
    state.calls.push(endpoint)
    notify(state, `arrival ${endpoint}`)
    response.once('finish', () => notify(state, `departure ${endpoint}`))
    if (state.down) return json(response, 503, { error: 'down' })
    if (rest !== undefined) return json(response, 200, ACCEPTING)
    if (endpoint === 'supported') return json(response, 200, engine.supported())
    const body = JSON.parse(await text(request)) as PaymentBody
    await state.held.get(endpoint)
    const answer = endpoint === 'verify' ? verify : settle
    await answer({ body, engine, state, request, response })
  })
  return { ...served, ...controlsOf(state) }
}

function controlsOf(state: State): Omit<Facilitator, keyof Served> {
  const { calls, verifyFaults, settleFaults, held } = state
  return {
    calls,
    lastSettle: () => state.lastSettle,
    failVerify: (fault, times = 1) => void verifyFaults.push(...Array<VerifyFault>(times).fill(fault)),
    failSettle: (fault, times = 1) => void settleFaults.push(...Array<SettleFault>(times).fill(fault)),
    down: (is) => {
      state.down = is
    },
    hold: (endpoint) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(endpoint, promise)
      return () => {
        held.delete(endpoint)
        resolve()
      }
    },
    arrival: (endpoint) => next(state, `arrival ${endpoint}`),
    departure: (endpoint) => next(state, `departure ${endpoint}`),
    forget: () => state.settled.clear(),
    reset: () => {
      for (const list of [calls, verifyFaults, settleFaults]) list.length = 0
      held.clear()
      state.down = false
    },
  }
}

function next({ awaited }: State, what: string): Promise<void> {
  const known = awaited.get(what) ?? Promise.withResolvers<void>()
  awaited.set(what, known)
  return known.promise
}

function notify({ awaited }: State, what: string): void {
  awaited.get(what)?.resolve()
  awaited.delete(what)
}

interface Call {
  readonly body: PaymentBody
  readonly engine: Engine
  readonly state: State
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function verify({ body, engine, state, request, response }: Call): Promise<void> {
  const fault = state.verifyFaults.shift()
  if (fault === undefined) return json(response, 200, await engine.verify(body))
  const payer = body.paymentPayload.payload.authorization.from
  if (fault === 'lie') return json(response, 200, { isValid: true, payer })
  return fail(fault, request, response)
}

async function settle({ body, engine, state, request, response }: Call): Promise<void> {
  state.lastSettle = body
  const fault = state.settleFaults.shift()
  if (fault === undefined) return json(response, 200, await settleOnce(body, engine, state))
  const settles = fault.startsWith(THEN) || fault.endsWith('pending')
  if (!settles) return fail(fault, request, response)
  const result = await settleOnce(body, engine, state)
  if (fault.startsWith(THEN)) return fail(fault.slice(THEN.length), request, response)
  const pending = { ...result, success: false, errorReason: 'settlement_pending' }
  return json(response, fault === 'pending' ? 200 : 500, pending)
}

const THEN = 'settle-then-'

async function settleOnce(body: PaymentBody, engine: Engine, { settled }: State): Promise<Settled> {
  const known = settled.get(paymentName(body))
  if (known !== undefined) return known
  const result = await engine.settle(body)
  if (result.success) settled.set(paymentName(body), result)
  return result
}

/** Says yes to all: who follows a redirection believes a stranger. */
const ACCEPTING = { isValid: true, success: true, transaction: `0x${'f'.repeat(64)}`, network: NETWORK }

function fail(fault: string, request: IncomingMessage, response: ServerResponse): void {
  // Never answered: the connection ends with the client or with the facilitator.
  if (fault === 'hang') return
  if (fault === 'drop') request.socket.destroy()
  else if (fault === '308') response.writeHead(308, { location: `/moved${request.url}` }).end()
  else response.writeHead(Number(fault), { 'content-type': 'text/html' }).end(`<h1>${fault}</h1>`)
}
