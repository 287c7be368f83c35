import { describe, expect, it } from 'vitest'
import { amountOf, answered, charged, measured, toyOptions, upstream } from './answers.ts'

describe('an answer that is one JSON text', () => {
  const json = (value: object): string => JSON.stringify(value)

  it.each([
    ['short', { text: 'x', usage: 7 }],
    ['with a picture before its usage', { text: 'A'.repeat(5_000_000), usage: 7 }],
    ['with numbers after its usage', { usage: 7, text: Array.from({ length: 700_000 }, () => -0.1234) }],
  ])('passes with its length, %s, and costs what it reports', async (_what, value) => {
    const text = json(value)
    const pieces = text.match(/[\s\S]{1,60000}/g) ?? []
    const { response, send, end } = upstream('application/json', { 'content-length': String(text.length), etag: '"1"' })
    for (const piece of pieces) send(piece)
    end()
    const answer = await measured(response, { hasReceipt: true })
    expect([answer.response.headers.get('content-length'), answer.response.headers.get('etag')]).toEqual([
      String(text.length),
      '"1"',
    ])
    expect((await answer.response.text()) === text).toBe(true)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it.each([
    ['is no JSON', '<html>'],
    ['has no usage', '{"text":"x"}'],
  ])('that %s costs the reservation', async (_what, text) => {
    const answer = await measured(answered([text], 'application/json'))
    await answer.response.text()
    expect(await charged(answer)).toBe(undefined)
  })

  it('that breaks off is seen to, and costs the reservation', async () => {
    const { response, send, die } = upstream('application/json')
    const answer = await measured(response)
    send('{"usage":7')
    die()
    await expect(answer.response.text()).rejects.toThrow()
    expect(await charged(answer)).toBe(undefined)
  })

  it('is read to its end for its usage, if its client leaves', async () => {
    const { response, send, end } = upstream('application/json')
    const options = toyOptions()
    const answer = await measured(response, {}, options)
    send('{"usage":')
    options.leave()
    send('7}')
    end()
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it('of which nothing has come when its client leaves is priced by its request, if nobody waits for it', async () => {
    const options = toyOptions()
    const { response } = upstream('application/json')
    const answer = await measured(response, { drainSeconds: 0, unreported: () => amountOf(5n) }, options)
    options.leave()
    expect(await charged(answer)).toEqual([5n, undefined])
  })
})
