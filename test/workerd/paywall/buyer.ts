import type { Ledger } from '../../../src/ports.ts'
import { handle } from '../../../src/paywall.ts'
import type { Services } from '../../../src/services.ts'
import type { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { accountLedger } from '../../support/ledger.ts'
import { worldOrigin } from '../../support/services.ts'
import { withToken } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'
import { type Reader, useReader } from './reader.ts'

/** A reader with credit, whose requests have keys. */
export interface Buyer {
  readonly reader: Reader
  /** A request of the account under a key, with content. */
  readonly order: (key: string, more?: RequestInit, sub?: string) => Promise<RequestInit>
  /** Sends the request, reads all of the answer, and lets all be done that it left behind. */
  readonly send: (path: string, init: RequestInit, services?: Services) => Promise<[Response, Uint8Array]>
  /** The statuses of so many sendings of one request. */
  readonly statuses: (count: number, path: string, init: RequestInit, services?: Services) => Promise<number[]>
  readonly ledger: () => DurableObjectStub<LedgerObject>
  readonly totals: () => Promise<{ readonly charges: number; readonly unsettled: number }>
  /** The services, with a ledger that does some things otherwise. */
  readonly withLedger: (change: Partial<Ledger>) => Services
}

/** The buyer of each test of a file. */
export function useBuyer(file: string): Buyer {
  const reader = useReader(file, 100_000_000_000n)
  const buyer: Buyer = {
    reader,
    async order(key, more = {}, sub = reader.account) {
      const { headers } = withToken(await reader.world.token({ sub }))
      const fields = { ...headers, 'idempotency-key': key, ...(more.headers as object) }
      return { method: 'POST', body: 'an order', ...more, headers: fields }
    },
    async send(path, init, services = reader.services) {
      const { background, world } = reader
      const request = new Request(`https://news.test${path}`, init)
      const response = await handle(request, services, worldOrigin(world), background.waitUntil)
      const body = new Uint8Array(await response.arrayBuffer())
      await background.settled()
      return [response, body]
    },
    async statuses(count, path, init, services) {
      const all: number[] = []
      for (let time = 0; time < count; time++) all.push((await buyer.send(path, init, services))[0].status)
      return all
    },
    ledger: () => ledgerOf(accountLedger(reader.account)),
    totals: async () => (await readingOf(accountLedger(reader.account))).totals,
    withLedger: (change) => ({ ...reader.services, ledgers: (name) => changed(ledgerOf(name), change) }),
  }
  return buyer
}

function changed(ledger: DurableObjectStub<LedgerObject>, change: Partial<Ledger>): Ledger {
  return {
    charge: (command) => ledger.charge(command),
    apply: (commands) => ledger.apply(commands),
    dryRun: (command) => ledger.dryRun(command),
    amend: (command) => ledger.amend(command),
    describe: (command) => ledger.describe(command),
    beginSettlement: (command) => ledger.beginSettlement(command),
    endSettlement: (command) => ledger.endSettlement(command),
    keepAnswer: (command) => ledger.keepAnswer(command),
    keptAnswer: (name) => ledger.keptAnswer(name),
    grant: (command) => ledger.grant(command),
    recordStatement: (command) => ledger.recordStatement(command),
    statements: (token) => ledger.statements(token),
    read: (command) => ledger.read(command),
    order: (name, command) => ledger.order(name, command),
    history: (command) => ledger.history(command),
    erase: (command) => ledger.erase(command),
    endErase: (id) => ledger.endErase(id),
    addErased: (command) => ledger.addErased(command),
    ...change,
  }
}

/** A body of so many pieces of one byte. */
export function pieces(count: number): ReadableStream<Uint8Array> {
  let left = count
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array([left % 256]))
      else controller.close()
    },
  })
}
