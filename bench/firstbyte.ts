import { setTimeout as sleep } from 'node:timers/promises'
import { type ModelsGate, openStream, startModelsGate } from './modelsgate.ts'
import { cpuMicros, residentMegabytes } from './server.ts'
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
  const servers = await startModelsGate(MANY_PACE_MS)
  const { pid } = servers.gate.process
  try {
    for (const keepsUsage of [true, false, false]) {
      const before = await residentMegabytes(pid)
      const cpuBefore = await cpuMicros(pid)
      const began = performance.now()
      let open = 0
      let most = 0
      const reading = Array.from({ length: MANY }, async (_, index) => {
        await sleep(index / PER_MILLISECOND)
        const { ended } = await openStream(servers.gate, MANY_TOKENS, keepsUsage)
        most = Math.max(most, ++open)
        await ended
        open -= 1
      })
      const held: (number | undefined)[] = []
      const watching = setInterval(() => void residentMegabytes(pid).then((now) => held.push(now)), 1000)
      await Promise.all(reading).finally(() => clearInterval(watching))
      const seconds = (performance.now() - began) / 1000
      const cpuSeconds = ((await cpuMicros(pid)) ?? Number.NaN) / 1e6 - (cpuBefore ?? Number.NaN) / 1e6
      const megabytes = [before, ...held].map((value) => value?.toFixed(0) ?? '?').join(', ')
      console.log(
        `the whole gate, usage ${keepsUsage ? 'kept' : 'dropped'}: ${most} streams at once, ${megabytes} MB before and each second;` +
          ` ${cpuSeconds.toFixed(1)} s of CPU in ${seconds.toFixed(0)} s`,
      )
    }
  } finally {
    await servers.stop()
  }
}
