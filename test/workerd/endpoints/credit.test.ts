import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createWorld, postOrder, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

async function grant(body: unknown, claims: Record<string, unknown> = {}): Promise<{ status: number; body: unknown }> {
  const token = await world.operator({ scope: 'credit', ...claims })
  const response = await ask('/__faregate/credit', postOrder(token, body))
  return { status: response.status, body: await response.json() }
}

const GOOD = { account: 'credit-1', amount: '5', currency: 'USD', id: 'order-1' }

describe('credit', () => {
  it('is granted once, however often the same grant is sent', async () => {
    const credit = { amount: '5', currency: 'USD' }
    expect(await grant(GOOD)).toEqual({ status: 200, body: { account: 'credit-1', credit, isRepeat: false } })
    expect(await grant(GOOD)).toEqual({ status: 200, body: { account: 'credit-1', credit, isRepeat: true } })
    expect(await grant({ ...GOOD, id: 'order-2', amount: '0.000000001' })).toMatchObject({
      body: { credit: { amount: '5.000000001', currency: 'USD' } },
    })
  })

  it('is not granted twice for different amounts under one id', async () => {
    await grant({ ...GOOD, account: 'credit-2' })
    expect(await grant({ ...GOOD, account: 'credit-2', amount: '6' })).toMatchObject({ status: 409 })
  })

  it.each([
    ['no account', { account: undefined }],
    ['an account that is not well-formed', { account: 'credit-\udfff' }],
    ['an amount that floats', { amount: 5 }],
    ['no amount', { amount: '0' }],
    ['less than nothing', { amount: '-5' }],
    ['ten decimals', { amount: '0.0000000001' }],
    ['a currency in small letters', { currency: 'usd' }],
    ['no id', { id: '' }],
    ['an issuer that is not trusted', { issuer: 'https://evil.test' }],
    ['something else beside', { uses: 3 }],
  ])('needs a whole order: %s is 400', async (_what, over) => {
    expect(await grant({ ...GOOD, ...over })).toMatchObject({ status: 400 })
  })

  it('is granted to no one by a token for purging', async () => {
    expect(await grant(GOOD, { scope: 'purge' })).toMatchObject({ status: 403 })
  })
})
