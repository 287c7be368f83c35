import { describe, expect, it } from 'vitest'
import { makeKey } from '../../src/rails/keys/format.ts'
import { verifyKey } from '../../src/rails/keys/records.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { ClockCache } from '../../src/core/clockcache.ts'

const { zone } = siteAt(
  compiled({ zones: [ZONE], secrets: { gate: 'GATE' } }, { GATE: 'the secret of the gate, long enough' }),
  'a.test',
)

describe('invented keys', () => {
  it('ask no ledger and are not remembered, though there are a million of them', { timeout: 300_000 }, async () => {
    const owner = { issuer: zone.issuers[0]?.issuer ?? '', account: 'ann' }
    const { text } = makeKey(zone, owner)
    const seen = { calls: 0, remembered: 0 }
    const ledgers = (): never => {
      seen.calls += 1
      throw new Error('asked')
    }
    const memory = () => {
      const partition = new ClockCache<never>(1).partition<never>()
      return { ...partition, set: () => void (seen.remembered += 1) }
    }
    const verifiers = {
      verify: () => never(),
      verifyAs: () => never(),
      verifyOnce: () => never(),
      rememberedKind: () => undefined,
      verdicts: { genuine: memory, forged: memory },
    }
    const stores = {
      ledgers,
      bulletins: undefined,
      clock: () => 0,
      hashAccount: undefined,
      fetch: () => Promise.reject(new Error('nobody is asked')),
    }
    const call = { now: 0, waitUntil: () => undefined }
    let refused = 0
    for (let at = 0; at < 1_000_000; at++) {
      const number = at.toString(36).padStart(5, '0')
      const invented = `${text.slice(0, 40)}${number}${text.slice(40 + number.length)}`
      const { ok } = await verifyKey(invented, { zone, verifiers, stores, call })
      if (!ok) refused += 1
    }
    expect({ refused, ...seen }).toEqual({ refused: 1_000_000, calls: 0, remembered: 0 })
  })
})

function never(): never {
  throw new Error('asked')
}
