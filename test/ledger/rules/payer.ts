import type { ChargeCommand, Charged, ChargeOutcome } from '../../../src/ledger/rules/commands.ts'
import type { Settlement } from '../../../src/ledger/rules/payment.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { PureLedger, EUR, HOUR, MINUTE, reasonOf } from './pureledger.ts'

export const PRICE = EUR(10n)
export const SETTLED: Settlement = { kind: 'settled', reference: '0xabc' }
export const FAILED: Settlement = { kind: 'failed', reason: 'insufficient_funds' }
export const UNKNOWN: Settlement = { kind: 'unknown', reference: '0xabc' }

/** One payment, and whoever brings it. */
export class Payer {
  readonly ledger = new PureLedger()
  readonly expires = this.ledger.now + HOUR
  readonly #expiring: Pick<ChargeCommand, 'expires'>

  constructor(isExpiring = true) {
    this.#expiring = isExpiring ? { expires: this.expires } : {}
  }

  bring(digest = 'GET /a', more: Partial<ChargeCommand> = {}): ChargeOutcome {
    const payment = { zone: 'news', rail: 'x402', payload: { nonce: '0x1' }, requirements: { payTo: '0x2' } }
    const { now } = this.ledger
    const times = { settleByMs: now + 10 * MINUTE, claimByMs: now + MINUTE, ...this.#expiring }
    return this.ledger.charge({ payment, idempotency: { key: 'payment', digest }, price: PRICE, ...times, ...more })
  }

  begin({ charge, request }: Charged) {
    return this.ledger.apply(verbs.beginSettlement, { charge, request })
  }

  end({ charge, request }: Charged, settlement: Settlement) {
    return this.ledger.apply(verbs.endSettlement, { charge, request, settlement })
  }

  /** Brings it, and has it settled so. */
  pay(settlement: Settlement, digest?: string): Charged {
    const made = charged(this.bring(digest))
    if (made.payment?.state === 'claimed') this.begin(made)
    this.end(made, settlement)
    return made
  }

  /** What the alarm is to have settled now. */
  ring() {
    return verbs.tick(this.ledger.book, undefined, this.ledger.now).effects?.filter(({ kind }) => kind === 'settle')
  }

  records(): string[] {
    return this.ledger.records().map(({ id, delivery, kept, payment }) => {
      const what = [id, delivery ?? '-', kept.price?.units ?? 0n, payment?.state, payment?.reference ?? '-']
      return what.join(' ')
    })
  }
}

export function charged(outcome: ChargeOutcome): Charged {
  if (outcome.kind !== 'charged') throw new Error(`refused: ${outcome.reason}`)
  return outcome
}

/** Where the payment stands for who brought it, or why nothing is delivered. */
export const heardBy = (outcome: ChargeOutcome): string | undefined =>
  outcome.kind === 'charged' ? outcome.payment?.state : reasonOf(outcome)
