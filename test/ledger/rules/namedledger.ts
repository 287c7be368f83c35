import { ok } from '../../../src/core/result.ts'
import { eraseLedger, withHash } from '../../../src/ledger/host/erasing.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import type { TakeCreditCommand, TakeCreditOutcome } from '../../../src/ledger/rules/takecredit.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { EUR, PureLedger } from './pureledger.ts'

const NAME = 'account ["news","https://i.test","ann"]'

/** A ledger whose commands name it, as those of events and orders do. */
export class NamedLedger extends PureLedger {
  override grant(units: bigint, id = 'g1', currency = 'EUR') {
    return this.apply(verbs.grant, withHash({ id, units, currency, ledger: NAME }))
  }

  take(units: bigint, of?: string, more: Partial<TakeCreditCommand> = {}): TakeCreditOutcome {
    return this.apply(orders.takeCredit, { id: 't1', ...EUR(units), ledger: NAME, ...(of && { of: [of] }), ...more })
  }

  left(currency = 'EUR'): bigint {
    return this.read().credit.find((money) => money.currency === currency)?.units ?? 0n
  }

  erase() {
    const apply: Parameters<typeof eraseLedger>[0]['apply'] = async (verb, command) => ok(this.apply(verb, command))
    const terms = { revokedAt: 1, longestTokenSeconds: 1, mayForfeit: true, ledger: NAME }
    return eraseLedger({ apply, flush: async () => this.flushAll(), hasOutbox: true }, { id: 'order', ...terms })
  }
}
