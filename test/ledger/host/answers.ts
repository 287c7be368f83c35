import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { KeepAnswerCommand, KeptAnswer } from '../../../src/ledger/rules/answers.ts'
import { chargeOf, DAY, HOUR, MINUTE } from '../rules/pureledger.ts'
import { type HostedLedger, LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'

const MIB = 1024 * 1024

/** An answer of so many bytes, that tells which one it is. */
function answerOf(bytes: number, first = 1): KeptAnswer {
  const body = new Uint8Array(bytes)
  body[0] = first
  return { status: 201, fields: [{ name: 'content-type', value: 'n:text/plain' }], body }
}

const keep = (charge: string, answer: KeptAnswer, keepMs = DAY): KeepAnswerCommand => ({
  charge,
  purpose: 'replay',
  keepMs,
  answer,
})

/** The charges of `names` whose answers are found. */
async function found(ledger: HostedLedger, names: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(names.map((charge) => ledger.keptAnswer({ charge, purpose: 'replay' })))
  return names.filter((_, index) => answers[index] !== undefined && valueOf(answers[index]) !== undefined)
}

/** What every platform's ledgers make of answers kept with a charge. */
export function answersContract(driver: LedgerDriver): void {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
  afterEach(() => void vi.useRealTimers())

  it('is found as it was, by charge and purpose, by an object that knows nothing any more', async () => {
    const ledger = await driver.open('answers kept')
    const answer = answerOf(3, 255)
    await ledger.keepAnswer(keep('a', answer))
    await ledger.keepAnswer(keep('b', { status: 204, fields: [], body: null }))
    await driver.evict('answers kept')
    expect(valueOf(await ledger.keptAnswer({ charge: 'a', purpose: 'replay' }))).toEqual(answer)
    expect(valueOf(await ledger.keptAnswer({ charge: 'b', purpose: 'replay' }))).toMatchObject({ body: null })
    expect(valueOf(await ledger.keptAnswer({ charge: 'a', purpose: 'settlement' }))).toBeUndefined()
    expect(valueOf(await ledger.keptAnswer({ charge: 'c', purpose: 'replay' }))).toBeUndefined()
  })

  it('is replaced by a later one of the same charge', async () => {
    const ledger = await driver.open('answers replaced')
    await ledger.keepAnswer(keep('a', answerOf(1, 1)))
    await ledger.keepAnswer(keep('a', answerOf(1, 2)))
    expect(valueOf(await ledger.keptAnswer({ charge: 'a', purpose: 'replay' }))?.body?.[0]).toBe(2)
  })

  it('is found for its time and not longer, and leaves nothing behind', async () => {
    const ledger = await driver.open('answers expire')
    await ledger.keepAnswer(keep('a', answerOf(10)))
    await ledger.keepAnswer(keep('b', answerOf(10), HOUR))
    vi.setSystemTime(LATER + HOUR)
    expect(await found(ledger, ['a', 'b'])).toEqual(['a'])
    vi.setSystemTime(LATER + DAY - 1)
    expect(await found(ledger, ['a'])).toEqual(['a'])
    vi.setSystemTime(LATER + DAY)
    expect(await found(ledger, ['a'])).toEqual([])
    await driver.evict('answers expire')
    await ringUntil(driver, 'answers expire', LATER + DAY + 9 * HOUR)
    expect(await driver.isEmpty('answers expire')).toBe(true)
  })

  it('goes after a day also from a ledger that has other alarms', async () => {
    const ledger = await driver.open('answers among charges')
    await ledger.charge(chargeOf('a', LATER, { idempotency: { key: 'k', digest: 'd' } }))
    await ledger.keepAnswer(keep('a', answerOf(10)))
    await ledger.amend({ charge: 'a', request: 'a', delivery: 'complete' })
    expect(await found(ledger, ['a'])).toEqual(['a'])
    await driver.evict('answers among charges')
    await ringUntil(driver, 'answers among charges', LATER + 2 * DAY)
    expect(await found(ledger, ['a'])).toEqual([])
    expect((await driver.alarmAt('answers among charges')) ?? Infinity).toBeGreaterThan(LATER + 2 * DAY)
  })

  it('makes room for a newer one, the oldest first, in a ledger that is let go of meanwhile', async () => {
    const ledger = await driver.open('answers without room')
    const names = Array.from({ length: 20 }, (_, index) => `${index}`)
    for (const [index, name] of names.entries()) {
      vi.setSystemTime(LATER + index * MINUTE)
      await ledger.keepAnswer(keep(name, answerOf(MIB, index)))
      if (index % 3 === 1) await driver.evict('answers without room')
    }
    const left = await found(ledger, names)
    expect(left.length).toBeGreaterThanOrEqual(10)
    expect(left.length).toBeLessThanOrEqual(16)
    expect(left).toEqual(names.slice(-left.length))
  })

  it('of more than a MiB is refused, and fails nothing else', async () => {
    const ledger = await driver.open('answers too large')
    await expect(
      driver.within('answers too large', (it) => it.keepAnswer(keep('a', answerOf(MIB + 1)))),
    ).rejects.toThrow('no ledger keeps')
    expect(await found(ledger, ['a'])).toEqual([])
  })

  it('goes with a ledger that is over', async () => {
    const ledger = await driver.open('answers of a receipt')
    await ledger.charge(chargeOf('a', LATER, { receipt: { uses: 1 }, expires: LATER + HOUR }))
    await ledger.keepAnswer(keep('a', answerOf(10)))
    await ledger.amend({ charge: 'a', request: 'a', delivery: 'complete' })
    await ledger.flushed([1, 2])
    vi.setSystemTime(LATER + HOUR)
    await ledger.keepAnswer(keep('b', answerOf(10)))
    await ringUntil(driver, 'answers of a receipt', LATER + HOUR + DAY)
    expect(await driver.isEmpty('answers of a receipt')).toBe(true)
  })

  it('is not kept by a store that fails, and what is in memory does not run ahead of it', async () => {
    const ledger = await driver.open('answers broken')
    await ledger.charge(chargeOf('a', LATER))
    const repair = await driver.breakStore('answers broken')
    const answers = await Promise.all([ledger.charge(chargeOf('b', LATER)), ledger.keepAnswer(keep('a', answerOf(10)))])
    expect(answers.map(({ ok }) => ok)).toEqual([false, false])
    await repair()
    expect(await found(ledger, ['a'])).toEqual([])
    await ledger.keepAnswer(keep('a', answerOf(10)))
    expect(await found(ledger, ['a'])).toEqual(['a'])
  })
}
