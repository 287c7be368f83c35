import { describe, expect, it } from 'vitest'
import { readKey } from '../../src/rails/keys/format.ts'
import { createSite, makeKeyAt } from '../rails/keys/site.ts'

describe('invented keys', () => {
  it('a million of them make no call, and push nothing out', { timeout: 120_000 }, async () => {
    const site = createSite()
    const isolate = site.isolate()
    const { key } = await makeKeyAt(isolate)
    expect((await isolate.withKey(key)).status).toBe(200)
    site.ledgers.calls = 0
    const invented = (at: number): string => {
      const [number, from] = [at.toString(36).padStart(5, '0'), 40]
      return `${key.slice(0, from)}${number}${key.slice(from + number.length)}`
    }
    const zone = isolate.gate.services?.sites.get('a.test')?.zone
    if (zone === undefined) throw new Error('no zone')
    let refused = 0
    for (let at = 0; at < 1_000_000; at++) if (!readKey(invented(at), zone).ok) refused += 1
    expect(refused).toBe(1_000_000)
    for (let at = 0; at < 2000; at++) expect((await isolate.withKey(invented(at))).status).toBe(402)
    expect((await isolate.withKey(key)).status).toBe(200)
    expect(site.ledgers.calls).toBe(0)
  })
})
