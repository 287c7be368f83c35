import { expect, it } from 'vitest'
import type { CommandAnswer, LedgerCommand } from '../../../src/ledger/rules/batch.ts'
import type { ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { chargeOf, EUR, ONE } from '../rules/pureledger.ts'
import { type HostedLedger, LATER, type LedgerDriver, valueOf } from './driver.ts'

/** What holds for the commands of one call. */
export function togetherContract(driver: LedgerDriver): void {
  const charging = (id: string, more: Partial<ChargeCommand> = {}): LedgerCommand => ({
    verb: 'charge',
    command: chargeOf(id, LATER, more),
  })
  const kindOf = (answer: CommandAnswer): string | undefined => {
    if (answer.verb === 'failed') return 'failed'
    return answer.answer.ok ? answer.answer.value?.kind : answer.answer.error
  }
  const apply = async (ledger: HostedLedger, commands: readonly LedgerCommand[]): Promise<(string | undefined)[]> =>
    ((await ledger.apply?.(commands)) ?? []).map(kindOf)

  it('are applied in their order, and each is answered by itself', async () => {
    const ledger = await driver.open('together')
    await ledger.charge(chargeOf('first', LATER, { receipt: { uses: 1 }, continuation: 'the page' }))
    const answers = await apply(ledger, [
      { verb: 'describe', command: { charge: 'first', representation: '"1"' } },
      { verb: 'amend', command: { charge: 'first', request: 'first', delivery: 'none' } },
      charging('second', { receipt: { uses: 1 } }),
      charging('third', { receipt: { uses: 1 } }),
      { verb: 'amend', command: { charge: 'none', request: 'none', delivery: 'none' } },
    ])
    expect(answers).toEqual([undefined, 'amended', 'charged', 'refused', 'refused'])
  })

  it('fail alone if they make no sense, or come from a later version', async () => {
    const ledger = await driver.open('nonsense')
    const later = { verb: 'reverse', command: {} } as unknown as LedgerCommand
    const debit = charging('debit', { counts: [{ name: 'requests', units: -1n }] })
    expect(await apply(ledger, [later, debit, charging('good')])).toEqual(['failed', 'failed', 'charged'])
    expect(valueOf(await ledger.read({})).totals.charges).toBe(1)
  })

  it('fail alone if they are too large for any row, and the other 63 are charged', async () => {
    const ledger = await driver.open('huge')
    const huge = '\u20ac'.repeat(700_000)
    const payment = { zone: 'z', rail: 'toy', payload: huge, requirements: null }
    const all = [
      charging('facts', { facts: { route: huge } }),
      charging('continuation', { continuation: huge }),
      charging('payment', { payment, idempotency: { key: 'payment', digest: 'd' } }),
      charging('key', { idempotency: { key: huge, digest: 'd' } }),
      charging('count', { counts: [{ name: huge, units: 1n }] }),
    ]
    for (const [number, each] of all.entries()) {
      const others = Array.from({ length: 63 }, (_, index) => charging(`c${number}.${index}`))
      expect(await apply(ledger, [...others, each])).toEqual([...others.map(() => 'charged'), 'failed'])
    }
    await ledger.charge(chargeOf('first', LATER, { continuation: '/film' }))
    const reports: LedgerCommand[] = [
      { verb: 'describe', command: { charge: 'first', representation: huge } },
      { verb: 'amend', command: { charge: 'first', request: 'first', delivery: 'complete', representation: huge } },
      { verb: 'amend', command: { charge: 'first', request: 'first', delivery: 'none' } },
    ]
    expect(await apply(ledger, reports)).toEqual(['failed', 'failed', 'amended'])
  })

  it('are one commit, however large they are together', async () => {
    const ledger = await driver.open('large')
    const facts = { route: '\u20ac'.repeat(130_000) }
    const all = Array.from({ length: 7 }, (_, index) => charging(`c${index}`, { facts, counts: ONE }))
    expect(await apply(ledger, all)).toEqual(all.map(() => 'charged'))
    await driver.evict('large')
    expect(valueOf(await ledger.read({})).totals.charges).toBe(7)
    expect(valueOf(await ledger.takeOutbox(100))).toHaveLength(7)
  })

  it('beyond the most of one call fail, and the others do not', async () => {
    const ledger = await driver.open('many')
    const answers = await apply(
      ledger,
      Array.from({ length: 257 }, (_, index) => charging(`c${index}`)),
    )
    expect(answers.map((kind) => kind === 'charged')).toEqual([...Array.from({ length: 256 }, () => true), false])
    expect(valueOf(await ledger.read({})).totals.charges).toBe(256)
  })

  it('fail together if their commit does', async () => {
    const ledger = await driver.open('failed')
    await ledger.grant({ id: 'g', ...EUR(10n) })
    const repair = await driver.breakStore('failed')
    expect(await apply(ledger, [charging('a'), charging('b')])).toEqual(['ledger-unavailable', 'ledger-unavailable'])
    await repair()
    expect(await apply(ledger, [charging('a'), charging('b')])).toEqual(['charged', 'charged'])
  })
}
