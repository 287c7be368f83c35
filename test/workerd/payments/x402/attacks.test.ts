import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Signing, v1Credential, v2Credential } from '../../../rails/x402/payer.ts'
import { toldBy } from '../shop.ts'
import { type Accepts, type ChainShop, createChainShop } from './chain.ts'

let chain: ChainShop
beforeEach(async () => {
  chain = await createChainShop()
})
afterEach(() => chain.shop.end())

/** A signature that nobody has made. */
const FORGED = `0x${'00'.repeat(64)}1c`

const acceptsOf = async (path: string, amount: string): Promise<Accepts> => {
  const found = (await chain.asked(path)).find((one) => one.amount === amount)
  if (found === undefined) throw new Error(`${amount} is not asked`)
  return found
}
const v2 = (signed: Signing, accepts: Accepts, signature?: string): Record<string, string> => ({
  'payment-signature': v2Credential(signed, accepts, signature),
})
const pay = async (path: string, fields: Record<string, string>, init?: RequestInit): Promise<string> =>
  toldBy(await chain.send(path, fields, init))

describe('whoever reads a payment on its chain', () => {
  it('cannot have its answer again without its signature, in no wire and for no other time', async () => {
    const signed = chain.sign({ value: '10000' })
    const accepts = await acceptsOf('/fresh/a', '10000')
    expect(await pay('/fresh/a', v2(signed, accepts))).toBe('served')
    const later = { ...signed, validBefore: String(Number(signed.validBefore) + 60) }
    for (const forged of [
      v2(signed, accepts, FORGED),
      v2(later, accepts, FORGED),
      { 'x-payment': v1Credential(signed, 'base-sepolia', FORGED) },
    ])
      expect(await pay('/fresh/a', forged)).toBe('402 payment-spent')
    // Whoever has paid can, in each wire.
    expect(await pay('/fresh/a', { 'x-payment': v1Credential(signed) })).toBe('served')
    expect([chain.facilitator.calls, chain.shop.world.received.length]).toEqual([['verify', 'settle'], 1])
  })

  it('cannot have the receipt of its pack without its signature', async () => {
    const accepts = await acceptsOf('/packs/a', '900000')
    const signed = chain.sign({ value: '900000' })
    expect(await pay('/packs/a', v2(signed, accepts))).toBe('served')
    const stolen = await chain.send('/packs/a', v2(signed, accepts, FORGED))
    expect([await toldBy(stolen), stolen.headers.get('faregate-receipt')]).toEqual(['402 payment-spent', null])
  })

  it('cannot have its answer again with its signature, if an Idempotency-Key came with it that no chain shows', async () => {
    const signed = chain.sign({ value: '10000' })
    const paid = v2(signed, await acceptsOf('/fresh/a', '10000'))
    const own = { ...paid, 'idempotency-key': 'a secret of its payer' }
    expect(await pay('/fresh/a', own)).toBe('served')
    expect(await pay('/fresh/a', paid)).toBe('402 payment-spent')
    expect(await pay('/fresh/a', { ...paid, 'idempotency-key': 'a guess' })).toBe('402 payment-spent')
    expect(await pay('/fresh/a', own)).toBe('served')
    expect(chain.facilitator.moved.size).toBe(1)
  })
})

describe('a payment', () => {
  it('that bought one pack does not buy another of the same price as well', async () => {
    const [, uses, pass] = await chain.asked('/alike/a')
    if (uses === undefined || pass === undefined) throw new Error('two packs are asked')
    const signed = chain.sign({ value: '500000' })
    const [bought, other] = [
      await chain.send('/alike/a', v2(signed, uses)),
      await chain.send('/alike/a', v2(signed, pass)),
    ]
    expect([await toldBy(bought), await toldBy(other)]).toEqual(['served', '402 payment-spent'])
    expect(other.headers.get('faregate-receipt')).toBeNull()
    const again = await chain.send('/alike/a', v2(signed, uses))
    const use = { 'faregate-receipt': again.headers.get('faregate-receipt') ?? '' }
    expect([await pay('/alike/b', use), await pay('/alike/b', use)]).toEqual(['served', '402 payment-spent'])
  })

  it.each(['HEAD', 'OPTIONS'])(
    'that is settled before the origin moves no money for %s, and then pays',
    async (method) => {
      const signed = chain.sign({ value: '10000' })
      expect((await chain.pay('/first/a', signed, { method })).status).toBe(200)
      expect(chain.facilitator.calls).toEqual(['verify'])
      expect((await chain.pay('/first/a', signed)).status).toBe(200)
      expect(chain.facilitator.calls).toEqual(['verify', 'settle'])
    },
  )
})

describe('a payment that is good for nothing', () => {
  it.each<[string, Record<string, string>]>([
    ['that a copy has not changed', { 'if-none-match': '"1"' }],
    ['that there is a copy', { 'if-none-match': '*' }],
    ['how long a copy is', { range: 'bytes=900-' }],
  ])('is not told %s', async (_what, condition) => {
    const fields = { 'cache-control': 'max-age=60', etag: '"1"' }
    chain.shop.world.origin = () => new Response('the report', { headers: fields })
    expect((await chain.pay('/reports/a')).status).toBe(200)
    chain.facilitator.verifies = { refuses: 'invalid_exact_evm_signature' }
    const accepts = await acceptsOf('/reports/a', '750000')
    const told = await chain.send('/reports/a', { ...v2(chain.sign(), accepts, FORGED), ...condition })
    expect([await toldBy(told), told.headers.get('etag'), told.headers.get('content-range')]).toEqual([
      '402 payment-declined',
      null,
      null,
    ])
    chain.facilitator.verifies = 'valid'
    const genuine = await chain.send('/reports/a', { ...v2(chain.sign(), accepts), ...condition })
    expect([304, 416]).toContain(genuine.status)
    expect([chain.facilitator.moved.size, chain.shop.world.received.length]).toEqual([1, 1])
  })

  it('is not told what is stored where a page is not', async () => {
    const headers = { 'cache-control': 'max-age=60', location: '/elsewhere' }
    chain.shop.world.origin = () => new Response('moved', { status: 301, headers })
    expect((await chain.pay('/reports/a')).status).toBe(301)
    chain.facilitator.verifies = { refuses: 'invalid_exact_evm_signature' }
    const told = await chain.pay('/reports/a')
    expect([await toldBy(told), told.headers.get('location')]).toEqual(['402 payment-declined', null])
  })
})

describe('an answer that is sent again', () => {
  it('is not another variant that has the same validator', async () => {
    const headers = { 'cache-control': 'max-age=60', 'last-modified': 'Mon, 01 Jan 2035 00:00:00 GMT', vary: 'Accept' }
    chain.shop.world.origin = (request) => new Response(`as ${request.headers.get('accept')}`, { headers })
    const accepts = await acceptsOf('/reports/a', '750000')
    const [one, other] = [v2(chain.sign(), accepts), v2(chain.sign(), accepts)]
    const get = (paid: Record<string, string>, accept: string) => chain.send('/reports/a', { ...paid, accept })
    expect([await (await get(one, 'a/b')).text(), await (await get(other, 'c/d')).text()]).toEqual(['as a/b', 'as c/d'])
    expect(await toldBy(await get(one, 'c/d'))).toBe('402 payment-spent')
    expect(await (await get(one, 'a/b')).text()).toBe('as a/b')
  })

  it('does not say for its origin that a payment was settled', async () => {
    const forged = ['x-payment-response', 'payment-required', 'faregate-receipt']
    chain.shop.world.origin = () =>
      new Response('page', { headers: forged.map((name): [string, string] => [name, 'x']) })
    const signed = chain.sign({ value: '10000' })
    for (const replayed of [null, 'true']) {
      const { headers } = await chain.pay('/fresh/a', signed)
      expect([headers.get('idempotency-replayed'), ...forged.map((name) => headers.get(name))]).toEqual([
        replayed,
        null,
        null,
        null,
      ])
    }
  })
})
