import { describe, expect, it } from 'vitest'
import type { Issuer } from '../../../src/access/issuer.ts'
import type { Receipt } from '../../../src/access/receipt.ts'
import { receiptOf, recordOf } from '../../../src/login/purchases/rules/record.ts'
import { BILLING, NOW } from '../../tokens/hostile/parties.ts'
import { PASS, receiptOfBilling } from './site.ts'

const POLICY = { allow: ['https://billing.example/statuses/*'] }
const ISSUER = { issuer: BILLING, clockToleranceSeconds: 5 } as Issuer
const LISTING = { ...ISSUER, statusLists: POLICY } as unknown as Issuer
const STATUS = { uri: 'https://billing.example/statuses/1', idx: 7 }

/** What comes out of the cookie. */
function kept(receipt: Receipt, issuers: readonly Issuer[] = [ISSUER]): unknown {
  const read = receiptOf(JSON.parse(JSON.stringify(recordOf(receipt))), issuers)
  return read.ok ? read.value : read.error
}

describe('a receipt that a cookie keeps', () => {
  it.each<[string, Partial<Receipt>]>([
    ['of uses', {}],
    ['of a pass', PASS],
    ['whose time comes later', { notBefore: NOW + 60 }],
    ['with the key that signed it', { signedBy: 'thumbprint' }],
    ['with its payer', { payer: 'cus_1' }],
    ['for other methods', { methods: ['GET', 'POST'] }],
  ])('%s comes out as it went in', (_which, over) => {
    const { accountHash: _hash, ...receipt } = receiptOfBilling(over)
    expect(kept({ ...receipt, accountHash: undefined })).toEqual(receipt)
  })

  it('is not read where nobody reads the status list that may revoke it, or trusts its issuer', () => {
    const receipt = receiptOfBilling({ status: STATUS as never })
    expect(kept(receipt, [LISTING])).toMatchObject({ status: { ...STATUS, policy: POLICY } })
    expect([kept(receipt), kept(receipt, [])]).toEqual(['status', 'issuer'])
  })
})
