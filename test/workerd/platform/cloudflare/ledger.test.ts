import { runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { ledgerContract } from '../../../ledger/host/contract.ts'
import { LATER } from '../../../ledger/host/driver.ts'
import { paymentContract } from '../../../ledger/host/payments.ts'
import { chargeOf } from '../../../ledger/rules/pureledger.ts'
import { objectDriver } from './driver.ts'
import { ledgerOf } from '../../objects.ts'

describe('a Durable Object', () => {
  ledgerContract(objectDriver())
  paymentContract(objectDriver())

  it('is not to blame for a command that makes no sense, nor are the others that come with it', async () => {
    const ledger = ledgerOf('nonsense')
    const commands = [chargeOf('bad', LATER, { counts: [{ name: 'requests', units: -1n }] }), chargeOf('good', LATER)]
    // From within, for a call from outside that throws is also written to the console.
    const [bad, good] = await runInDurableObject(ledger, (instance: LedgerObject) =>
      Promise.allSettled(commands.map((command) => instance.charge(command))),
    )
    expect(bad?.status).toBe('rejected')
    expect(good).toMatchObject({ value: { ok: true, value: { kind: 'charged' } } })
  })
})
