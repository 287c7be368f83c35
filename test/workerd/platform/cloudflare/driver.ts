import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import type { LedgerOutside } from '../../../../src/ledger/host/outside.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import type { LedgerDriver } from '../../../ledger/host/driver.ts'
import { ledgerOf } from '../../objects.ts'

export type Stub = DurableObjectStub<LedgerObject>

export function execute(ledger: Stub, ...queries: string[]): Promise<void> {
  return runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) => {
    for (const query of queries) storage.sql.exec(query)
  })
}

/** The tables of an object. */
export function tablesOf(ledger: Stub): Promise<{ name: string }[]> {
  return runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) =>
    storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray(),
  )
}

const VERBS = ['INSERT', 'UPDATE', 'DELETE']

/** The Durable Objects of the tests' Worker. */
export function objectDriver(): LedgerDriver {
  const reaches = new Map<string, Partial<LedgerOutside>>()
  const tell = (name: string): Promise<void> =>
    runInDurableObject(ledgerOf(name), (instance: LedgerObject) => void Object.assign(instance, reaches.get(name)))
  return {
    async open(name, outside) {
      if (outside !== undefined) {
        reaches.set(name, { ...reaches.get(name), ...outside })
        await tell(name)
      }
      return ledgerOf(name)
    },
    within: (name, work) => runInDurableObject(ledgerOf(name), (instance: LedgerObject) => work(instance)),
    async evict(name) {
      await evictDurableObject(ledgerOf(name))
      if (reaches.has(name)) await tell(name)
    },
    alarmAt: (name) => runInDurableObject(ledgerOf(name), (_ledger: LedgerObject, { storage }) => storage.getAlarm()),
    ring: (name) => runDurableObjectAlarm(ledgerOf(name)),
    loseAlarm: (name) =>
      runInDurableObject(ledgerOf(name), (_ledger: LedgerObject, { storage }) => storage.deleteAlarm()),
    async breakStore(name) {
      const tables = await tablesOf(ledgerOf(name))
      const triggers = tables.flatMap((table) =>
        VERBS.map((verb) => [`broken_${verb}_${table.name}`, verb, table.name]),
      )
      await execute(
        ledgerOf(name),
        ...triggers.map(
          ([trigger, verb, table]) =>
            `CREATE TRIGGER ${trigger} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
        ),
      )
      return () => execute(ledgerOf(name), ...triggers.map(([trigger]) => `DROP TRIGGER ${trigger}`))
    },
    isEmpty: async (name) => (await tablesOf(ledgerOf(name))).length === 0,
  }
}
