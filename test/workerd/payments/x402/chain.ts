import { env } from 'cloudflare:workers'
import { runDurableObjectAlarm } from 'cloudflare:test'
import { vi } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { nameOf, PAY_TO, PAYER, readField, type Signing, v2Credential } from '../../../rails/x402/payer.ts'
import { FACILITATOR, TOKEN } from '../../../support/paid.ts'
import { createShop, LATER, type Shop } from '../shop.ts'
import { Facilitator } from './facilitator.ts'

/** The whole Worker before an origin and a facilitator. */
export interface ChainShop {
  readonly shop: Shop
  readonly facilitator: Facilitator
  /** What a page asks for: the `accepts` of its refusal. */
  asked(path: string): Promise<readonly Accepts[]>
  sign(over?: Partial<Signing>): Signing
  /** Pays for a page with a new authorization, or with this one. */
  pay(path: string, authorization?: Signing, init?: RequestInit): Promise<Response>
  send(path: string, fields: Readonly<Record<string, string>>, init?: RequestInit): Promise<Response>
  /** The same, and waits for nothing. */
  begin: ChainShop['send']
  ring(authorization: Signing, ms: number): Promise<boolean>
}

export interface Accepts {
  readonly amount: string
  readonly extra: Readonly<Record<string, unknown>>
}

const HOST = 'https://chain.test'
let nonces = 0

export async function createChainShop(): Promise<ChainShop> {
  const shop = await createShop()
  const facilitator = new Facilitator()
  const fetching = vi.mocked(globalThis.fetch)
  const outside = fetching.getMockImplementation() ?? globalThis.fetch
  fetching.mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    return request.url.startsWith(FACILITATOR) ? facilitator.answer(request) : outside(input, init)
  })
  const begin: ChainShop['send'] = (path, fields, init = {}) =>
    shop.begin(undefined, path, { ...init, host: HOST, headers: { ...fields } })
  const chain: ChainShop = {
    shop,
    facilitator,
    begin,
    async send(path, fields, init) {
      const response = await begin(path, fields, init)
      const body = response.body === null ? null : await response.text()
      await shop.gate.settled()
      return new Response(body, response)
    },
    async asked(path) {
      const required = readField(await chain.send(path, {}), 'payment-required')
      return (required as { readonly accepts: readonly Accepts[] }).accepts
    },
    sign(over = {}) {
      const nonce = `0x${(++nonces).toString(16).padStart(64, '0')}`
      const validBefore = String(LATER / 1000 + 300)
      return { from: PAYER, to: PAY_TO, value: '750000', validAfter: '0', validBefore, nonce, ...over }
    },
    async pay(path, authorization, init) {
      const [accepted] = await chain.asked(path)
      if (accepted === undefined) throw new Error('nothing is asked')
      const signed = authorization ?? chain.sign({ value: accepted.amount })
      return chain.send(path, { 'payment-signature': v2Credential(signed, accepted) }, init)
    },
    async ring(authorization, ms) {
      vi.setSystemTime(LATER + ms)
      const { PAID } = env as unknown as { readonly PAID: DurableObjectNamespace<LedgerObject> }
      return runDurableObjectAlarm(PAID.getByName(`payment ${nameOf(authorization, TOKEN)}`))
    },
  }
  return chain
}
