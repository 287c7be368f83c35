import { describe, expect, it } from 'vitest'
import type { LedgerOptions } from '../../src/config/options.ts'
import type { Holder } from '../../src/ledger/rules/name.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { objectsOf } from '../../src/platform/cloudflare/ledgers.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

/**
 * A namespace of Durable Objects as the platform documents it: the ids of a jurisdiction are others, and no other
 * jurisdiction takes them. In plain workerd `jurisdiction` throws "not implemented".
 */
function namespaceDouble(created: Map<string, string>, of = '') {
  return {
    jurisdiction: (jurisdiction: string) => namespaceDouble(created, jurisdiction),
    idFromName: (name: string) => ({ of, name }),
    get(id: { of: string; name: string }, { locationHint = 'near' }: { locationHint?: string } = {}) {
      if (id.of !== of) throw new TypeError('an id of another jurisdiction')
      const object = `${of}/${id.name}`
      // A hint counts at creation only.
      if (!created.has(object)) created.set(object, locationHint)
      return { read: async () => ({ ok: true, value: object }), delta: async () => ({ ok: true, value: object }) }
    },
  }
}

const EU = { jurisdiction: 'eu', locationHint: 'weur' } as const
const holders: Record<Holder['from'], Holder> = {
  account: { from: 'account', issuer: 'i', account: 'ann' },
  receipt: { from: 'receipt', issuer: 'i', jti: 'r1' },
  payment: { from: 'payment', payment: '["p"]' },
  zone: { from: 'zone' },
}

/** Two zones, and what the platform has created for them. */
function deployed(shared: LedgerOptions | undefined, own: (LedgerOptions | undefined)[]) {
  const zones = own.map((ledger, index) => ({
    ...ZONE,
    name: `z${index}`,
    hosts: [`z${index}.test`],
    ...(ledger && { ledger }),
  }))
  const config = compiled({ zones, ...(shared && { ledger: shared }) })
  const created = new Map<string, string>()
  const objects = objectsOf({ LEDGER: namespaceDouble(created) })
  if (objects === undefined) throw new Error('no objects')
  return {
    created,
    ledgerOf: (index: number, from: Holder['from']) =>
      openLedger(objects.ledgers, siteAt(config, `z${index}.test`).zone, holders[from]).read({}),
    bulletinOf: (index: number) => {
      const { id, places } = siteAt(config, `z${index}.test`).zone
      return objects.bulletins(id, places.own).delta({ epoch: '', version: 0 })
    },
  }
}

describe('the place of ledgers', () => {
  it('is that of the zone, for its accounts, its bulletin and its own sums', async () => {
    const { ledgerOf, bulletinOf, created } = deployed(undefined, [EU, undefined])
    for (const zone of [0, 1]) await Promise.all([ledgerOf(zone, 'account'), bulletinOf(zone), ledgerOf(zone, 'zone')])
    expect([...created]).toEqual([
      ['eu/account ["z0","i","ann"]', 'weur'],
      ['eu/bulletin ["z0"]', 'weur'],
      ['eu/zone ["z0"]', 'weur'],
      ['/account ["z1","i","ann"]', 'near'],
      ['/bulletin ["z1"]', 'near'],
      ['/zone ["z1"]', 'near'],
    ])
  })

  it.each([
    [undefined, '', 'near'],
    [EU, 'eu', 'weur'],
  ])(
    'of a receipt and of a payment is that of the whole configuration (%j), whichever zone asks',
    async (shared, jurisdiction, hint) => {
      const { ledgerOf, created } = deployed(shared, [{ jurisdiction: 'us' }, {}, undefined])
      for (const from of ['receipt', 'payment'] as const) for (const zone of [0, 1, 2]) await ledgerOf(zone, from)
      expect([...created]).toEqual([
        [`${jurisdiction}/receipt ["i","r1"]`, hint],
        [`${jurisdiction}/payment ["p"]`, hint],
      ])
    },
  )

  it('is that of the whole configuration for zones without their own', async () => {
    const { ledgerOf, created } = deployed(EU, [undefined, {}, { jurisdiction: 'us' }])
    for (const zone of [0, 1, 2]) await ledgerOf(zone, 'account')
    expect([...created.keys()].map((name) => name.split('/')[0])).toEqual(['eu', '', 'us'])
  })

  it('of a single zone without a list around it holds for receipts as well', () => {
    const { name: _name, ...single } = ZONE
    expect(siteAt(compiled({ ...single, ledger: EU }), 'a.test').zone.places).toEqual({ own: EU, shared: EU })
  })

  it('is another ledger in memory too, if the jurisdiction is another', async () => {
    const { ledgers } = memory({})
    await ledgers?.('account', { jurisdiction: 'eu' }).grant({ id: 'g', units: 1n, currency: 'EUR' })
    const creditAt = (place: LedgerOptions) => ledgers?.('account', place).read({})
    expect(await creditAt({ jurisdiction: 'eu', locationHint: 'eeur' })).toMatchObject({
      value: { credit: [{ units: 1n }] },
    })
    expect(await creditAt({})).toMatchObject({ value: { credit: [] } })
  })
})
