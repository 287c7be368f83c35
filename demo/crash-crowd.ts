import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from './crash-models-audit.ts'
import { makeCall } from './crash-models-load.ts'
import { type Account, auditAll, grant, type Gate, newGate, onModels, print, watch } from './crash-models.ts'

/**
 * A thousand calls at once of one account that has credit for seven reservations, and whose answers cost a tenth of that. Clients try
 * again as SDKs do, when they are told; some leave. In the end the credit is spent, and every charge is held against what its client saw.
 */

const CALLS = 1000
/** Of the calls. All the answers that the credit affords are 70, and the last reservation does not fit. */
const LEAST_DELIVERED = 60
const LEAST_CAP = 20_000
/** Reasoning is output that is not sent. */
const FAULT = 'thinking-1850,tokens-60'
/** An answer takes some 200 ms. */
const LEAVES_AFTER_MS = 400
const RESERVATIONS = 7
const NANOS_OF_TOKEN = 2500
/** The input is bounded by the bytes of the request. */
const MOST_INPUT_NANOS = 200_000
const CLOSING_MS = 7000

/** Lets the crowd in, audits its ledger, and tells how many mismatches there are. */
export function crashCrowd(random: () => number, storage: string): Promise<number> {
  return onModels(storage, async (models, start, gates) => {
    const gate = await newGate(0, 1, start)
    gates.push(gate)
    const [account] = gate.accounts
    if (account === undefined) throw new Error('the gate has no account')
    const most = (LEAST_CAP + CALLS) * NANOS_OF_TOKEN + MOST_INPUT_NANOS
    await grant(gate, account, RESERVATIONS * most)
    const began = performance.now()
    const run = { isOver: false, kills: 0, reads: 0, negative: 0 }
    const watching = watch(gate, run)
    await Promise.all(Array.from({ length: CALLS }, (_, index) => askOnce(gate, account, index, random)))
    const seconds = (performance.now() - began) / 1000
    run.isOver = true
    await watching
    await sleep(CLOSING_MS)
    const figures = await auditAll(gates, models)
    figures.faults.negative += run.negative
    const delivered = figures.charges - figures.released
    console.log(
      `${CALLS} calls in ${seconds.toFixed(1)} s, ${delivered} delivered, ${run.reads} balances read meanwhile`,
    )
    const mismatches = print(figures)
    if (delivered >= LEAST_DELIVERED) return mismatches
    console.log(`wrong: ${LEAST_DELIVERED} of them should have been delivered`)
    return mismatches + 1
  })
}

async function askOnce(gate: Gate, account: Account, index: number, random: () => number): Promise<void> {
  const { name, token, calls } = account
  const call: Call = { cap: LEAST_CAP + index, api: 'openai', isStream: true, fault: FAULT, tries: [] }
  calls.set(call.cap, call)
  const leavesAfterMs = random() < 1 / 10 ? LEAVES_AFTER_MS * random() : undefined
  await makeCall({ gate: gate.at, account: name, token, leavesAfterMs, isOver: () => false }, call)
}
