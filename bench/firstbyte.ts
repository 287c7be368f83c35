import { setTimeout as sleep } from 'node:timers/promises'
import { type ModelsGate, openStream, startModelsGate } from './modelsgate.ts'
import { residentMegabytes } from './server.ts'
import { percentile } from './statistics.ts'

const PACE_MS = 30
const TOKENS = 10
const WARM = 100
const COUNTED = 10
/** So long that none of the counted streams has ended when the last has begun. */
const COUNTED_TOKENS = 200

/**
 * Asks the provider and the gate in turns, at even intervals, and prints how long the first byte takes. Each call through the gate is
 * charged what it may cost to prepaid credit before, on disk.
 */
export async function measureFirstByte(perSecond: number, seconds: number): Promise<void> {
  const servers = await startModelsGate(PACE_MS)
  try {
    await inTurns(servers, perSecond, WARM)
    const times = await inTurns(servers, perSecond, perSecond * seconds)
    for (const [name, all] of Object.entries(times)) {
      const [p50, p99] = [percentile(all, 50), percentile(all, 99)]
      console.log(
        `${`first byte, ms: ${name}`.padEnd(42)} p50 ${p50.toFixed(2)}   p99 ${p99.toFixed(2)}   (${all.length} calls)`,
      )
    }
    const [p50, p99] = [50, 99].map((percent) => percentile(times.gate, percent) - percentile(times.direct, percent))
    console.log(`${'first byte, ms: what the gate adds'.padEnd(42)} p50 ${p50?.toFixed(2)}   p99 ${p99?.toFixed(2)}`)
    console.log(`ledger calls before the first byte: ${await countLedgerCalls(servers)}`)
  } finally {
    await servers.stop()
  }
}

async function inTurns({ gate, provider }: ModelsGate, perSecond: number, calls: number) {
  const times: Record<'direct' | 'gate', number[]> = { direct: [], gate: [] }
  const began = performance.now()
  const streams: Promise<void>[] = []
  for (let index = 0; index < calls; index++) {
    await sleep(Math.max(0, began + (index * 1000) / perSecond - performance.now()))
    const [name, server] = index % 2 === 0 ? (['direct', provider] as const) : (['gate', gate] as const)
    const call = async (): Promise<void> => {
      const { firstByteMs, ended } = await openStream(server, TOKENS)
      times[name].push(firstByteMs)
      await ended
    }
    streams.push(call())
  }
  await Promise.all(streams)
  return times
}

/** The mean for one call. */
async function countLedgerCalls({ gate, ledgerCalls }: ModelsGate): Promise<number> {
  await sleep(2000) // the last amendments of the calls before
  const before = await ledgerCalls()
  const streams: Promise<void>[] = []
  for (let index = 0; index < COUNTED; index++) streams.push((await openStream(gate, COUNTED_TOKENS)).ended)
  const after = await ledgerCalls()
  await Promise.all(streams)
  return (after - before) / COUNTED
}

const MANY = 1000
const MANY_PACE_MS = 1000
const MANY_TOKENS = 12
const PER_MILLISECOND = 0.5

/** Holds many streams of one account open through the whole gate, and prints the memory of its process each second. */
export async function measureManyStreams(): Promise<void> {
  for (const keepsUsage of [true, false]) {
    // Both anew: a provider that closes an idle connection while it is used again would be a call that failed.
    const servers = await startModelsGate(MANY_PACE_MS)
    try {
      console.log(`the whole gate, usage ${keepsUsage ? 'kept' : 'dropped'}: ${await holdMany(servers, keepsUsage)}`)
    } finally {
      await servers.stop()
    }
  }
}

async function holdMany({ gate }: ModelsGate, keepsUsage: boolean): Promise<string> {
  const { pid } = gate.process
  const before = await residentMegabytes(pid)
  let [open, most] = [0, 0]
  const reading = Array.from({ length: MANY }, async (_, index) => {
    await sleep(index / PER_MILLISECOND)
    const { ended } = await openStream(gate, MANY_TOKENS, keepsUsage)
    most = Math.max(most, ++open)
    await ended
    open -= 1
  })
  const held: (number | undefined)[] = []
  const watching = setInterval(() => void residentMegabytes(pid).then((now) => held.push(now)), 1000)
  await Promise.all(reading).finally(() => clearInterval(watching))
  const megabytes = [before, ...held].map((value) => value?.toFixed(0) ?? '?').join(', ')
  return `${most} streams at once, ${megabytes} MB before and each second`
}
