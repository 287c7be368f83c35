import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import type { Ledger } from '../../../src/ports.ts'
import { realObjects } from '../../support/services.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate
let buyer: Buyer
let calls: string[]

/** Notes each call of a ledger by the name of its method. */
function noting(ledger: Ledger): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...given: unknown[]): unknown => {
        calls.push(String(name))
        return Reflect.apply(method, target, given)
      }
    },
  })
}

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
  const { ledgers, bulletins } = realObjects()
  gate = gatewayOf({ count: 'bytes' }, { bulletins, ledgers: (name, place) => noting(ledgers(name, place)) })
  buyer = await createBuyer(gate, world)
  calls = []
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const SHORT = 1000
const LONG = 70_000

/** Sends a prompt of so many letters. Returns the status, and the calls before the head of the answer. */
async function ask(letters: number, saysLength: boolean, fields: Record<string, string> = {}) {
  const content = 'a'.repeat(letters)
  const body = JSON.stringify({ model: 'test', messages: [{ role: 'user', content }], max_completion_tokens: 10 })
  const length = saysLength ? { 'content-length': String(body.length) } : {}
  const headers = { 'content-type': 'application/json', ...length, ...fields }
  const response = await buyer.send('/openai/v1/chat/completions', { method: 'POST', body, headers })
  const before = [...calls]
  await response.text()
  await gate.settled()
  return [response.status, before.filter((name) => name === 'charge' || name === 'dryRun'), models.log.length]
}

describe('before the answer to a call', () => {
  it('its ledger is asked once, if the content is short and says its length', async () => {
    await buyer.grant(100_000_000_000n)
    expect(await ask(SHORT, true)).toEqual([200, ['charge'], 1])
  })

  it.each<[string, number, boolean, Record<string, string>]>([
    ['long', LONG, true, {}],
    ['of unknown length', SHORT, false, {}],
    ['to be sent once, by its key', SHORT, true, { 'idempotency-key': '"one"' }],
  ])(
    'its ledger is asked before the content is read as well, if that is %s',
    async (_, letters, saysLength, fields) => {
      await buyer.grant(100_000_000_000n)
      expect(await ask(letters, saysLength, fields)).toEqual([200, ['dryRun', 'charge'], 1])
    },
  )

  it.each<[string, number, string]>([
    ['by the charge, if the content is short', SHORT, 'charge'],
    ['unread, if the content is long', LONG, 'dryRun'],
  ])('who has no credit is refused %s', async (_, letters, call) => {
    expect(await ask(letters, true)).toEqual([402, [call], 0])
  })
})
