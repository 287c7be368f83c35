import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sign } from '../platform/deployments.ts'
import { begin, end, NOW, site, time } from './site.ts'

beforeEach(begin)
afterEach(end)

describe('the reference of a refusal', () => {
  it('is in the problem document and in the log, and is enough to say what was decided', async () => {
    const { refused, look, lines } = await site()
    const { reference, instance } = await refused('/metered')
    expect(lines.at(-1)).toMatchObject({ reference, reason: 'usage-limit-reached' })
    const { account: hash } = lines.at(-1) ?? {}
    vi.setSystemTime(NOW.getTime() + 90_000)
    expect(await look({ reference })).toEqual({
      status: 200,
      instance: expect.stringMatching(/^urn:uuid:/),
      zone: 'news',
      reference: {
        request: instance,
        time: time(),
        ageSeconds: 90,
        route: '/metered',
        reason: 'usage-limit-reached',
        check: 'charge',
        title: 'Usage limit reached',
        status: 402,
        type: 'https://d.test/#usage-limit-reached',
        accountHash: hash,
        isOfAccount: null,
        generation: 1,
      },
    })
  })

  it('says if it is of the account that was named', async () => {
    const { refused, look } = await site()
    const { reference } = await refused('/metered')
    for (const [account, isOfAccount] of [
      ['ann', true],
      ['bob', false],
    ] as const)
      expect(await look({ reference, account })).toMatchObject({ reference: { isOfAccount } })
  })

  it('is on the page that a browser shows', async () => {
    const { ask, look } = await site()
    const { body } = await ask('/metered', { headers: { accept: 'text/html' } })
    const [, reference] = /reference: <code>([\w-]+)<\/code>/.exec(body) ?? []
    expect(await look({ reference })).toMatchObject({ reference: { reason: 'usage-limit-reached' } })
  })

  it('is made for a credential that is no good, of an account that is not known', async () => {
    const { refused, look } = await site()
    const token = await sign('https://evil.test', 'entitlement+jwt', { sub: 'ann' })
    const { reference } = await refused('/paid', token)
    expect(await look({ reference, account: 'ann' })).toMatchObject({
      reference: {
        reason: 'credential-invalid',
        check: 'issuer',
        accountHash: null,
        isOfAccount: null,
        route: '/paid',
      },
    })
  })

  it('is not made for anonymous readers, nor for what is served', async () => {
    const { send, ask, lines } = await site()
    expect(JSON.parse((await send('/paid', undefined)).body)).not.toHaveProperty('reference')
    expect(lines.at(-1)).toMatchObject({ reason: 'payment-required', reference: undefined })
    await ask('/paid')
    expect(lines.at(-1)).toMatchObject({ decision: 'serve', reference: undefined })
  })

  it('is one of its own for each request, and nobody is shown another reader’s', async () => {
    const { refused } = await site()
    const seen = await Promise.all(Array.from({ length: 20 }, () => refused('/metered')))
    expect(new Set(seen.map(({ reference }) => reference)).size).toBe(20)
  })

  it('is answered as one that never was if it was altered, is of another site, or its secret is gone', async () => {
    const { refused, look, deploy } = await site()
    const { reference = '' } = await refused('/metered')
    const altered = reference.startsWith('0') ? `1${reference.slice(1)}` : reference.replace(/.$/, '7')
    const elsewhere = deploy({ name: 'other' }).orderWith
    const rotated = deploy({ name: 'news' }, { gate: [{ generation: 2, secret: 'GATE_SECRET_2' }] }).orderWith
    const answers = [
      await look({ reference: 'nonsense' }),
      await look({ reference: altered }),
      await look({ reference, account: 'ann' }, elsewhere),
      await look({ reference }, rotated),
    ]
    const [first] = answers
    for (const answer of answers) expect({ ...answer, instance: '' }).toEqual({ ...first, instance: '' })
    expect(first).toMatchObject({ status: 404 })
  })

  it('is opened under the secret before, while that is listed', async () => {
    const { refused, look, deploy } = await site()
    const { reference } = await refused('/metered')
    const gate = [
      { generation: 2, secret: 'GATE_SECRET_2' },
      { generation: 1, secret: 'GATE_SECRET' },
    ]
    const both = deploy({ name: 'news' }, { gate }).orderWith
    expect(await look({ reference }, both)).toMatchObject({ reference: { generation: 1 } })
  })
})
