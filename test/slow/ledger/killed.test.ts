import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'

const root = join(import.meta.dirname, '../../..')
const CALLERS = 32

let storage: string

beforeAll(async () => {
  storage = await mkdtemp(join(root, '.faregate/ledger-storage-'))
})
afterAll(() => rm(storage, { recursive: true, force: true }))

const start = (): Promise<Workerd> =>
  startWorkerd({ module: bundleOf(import.meta.dirname), storage, objects: { LEDGER: 'Ledger' } })

/** Charges until the process is gone, which happens when so many answers have come. Resolves with what was answered. */
async function chargeUntilKilled(gate: Workerd, round: number, most: number): Promise<string[]> {
  const answered: string[] = []
  let sent = 0
  const call = async (): Promise<void> => {
    for (;;) {
      sent += 1
      const id = `${round}-${sent}`
      const response = await fetch(`${gate.url}/?id=${id}`).catch(() => undefined)
      if (response === undefined) return
      if (response.ok) answered.push(id)
      if (answered.length === most) process.kill(gate.pid, 'SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call))
  await gate.exited
  return answered
}

interface Outbox {
  readonly value: readonly { readonly charge: string; readonly position: number }[]
}

describe('a process killed under load', () => {
  it('has written every charge that it answered, once, and goes on where it was', async () => {
    const answered: string[] = []
    for (const [round, most] of [37, 150, 301, 64, 220].entries()) {
      answered.push(...(await chargeUntilKilled(await start(), round, most)))
    }
    const gate = await start()
    const { value } = (await (await fetch(gate.url)).json()) as Outbox
    await gate.stop()
    const charged = value.map(({ charge }) => charge)
    expect(new Set(charged).size).toBe(charged.length)
    expect(answered.filter((id) => !charged.includes(id))).toEqual([])
    expect(answered.length).toBeGreaterThanOrEqual(37 + 150 + 301 + 64 + 220)
    expect(charged.length - answered.length).toBeLessThanOrEqual(5 * CALLERS)
    expect(value.map(({ position }) => position)).toEqual(charged.map((_, index) => index + 1))
  })
})
