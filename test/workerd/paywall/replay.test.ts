import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { linesOf } from '../../support/world.ts'
import { pieces, useBuyer } from './buyer.ts'

const { reader, order, send, statuses, ledger, totals } = useBuyer('replay.test.ts')
const MIB = 1024 * 1024
const DAY_MS = 86_400_000
const EVENTS = { 'content-type': 'text/event-stream' }

describe('an answer that was delivered whole', () => {
  it('is had again by the same request, and is charged once', async () => {
    const fields = {
      'content-type': 'application/json',
      'content-language': 'en',
      etag: '"order-1"',
      location: '/reports/orders/1',
      'x-request-id': 'the first',
    }
    const ofOneResponse = { 'set-cookie': 'session=1', age: '5', 'server-timing': 'db;dur=5', 'cache-tag': 'orders' }
    const date = new Date(Date.now() - 1000).toUTCString()
    reader.world.origin = () =>
      Response.json({ order: 1 }, { status: 201, headers: { ...fields, ...ofOneResponse, date } })
    const [first, firstBody] = await send('/reports/orders', await order('one'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    const [again, body] = await send('/reports/orders', await order('one'))
    expect([again.status, body]).toEqual([201, firstBody])
    expect(Object.fromEntries(again.headers)).toMatchObject({
      ...fields,
      'cache-control': 'private, no-cache',
      'idempotency-replayed': 'true',
      'server-timing': expect.stringContaining('gate;dur='),
      date: new Date().toUTCString(),
    })
    for (const name of ['set-cookie', 'age', 'cache-status', 'cache-tag']) expect(again.headers.get(name)).toBeNull()
    expect(linesOf(reader.world).at(-1)).toMatchObject({
      status: 201,
      decision: 'serve',
      cache: 'hit; detail=replayed',
    })
    expect(linesOf(reader.world).at(-1)).not.toHaveProperty('charged')
    expect([reader.world.received.length, (await totals()).charges]).toEqual([1, 1])
  })

  it.each<[string, () => Response, number]>([
    ['of one MiB', () => new Response(new Uint8Array(MIB)), 200],
    ['of one MiB whose length is not said', () => new Response(new Blob([new Uint8Array(MIB)]).stream()), 200],
    ['of more', () => new Response(new Uint8Array(MIB + 1)), 409],
    ['of more, whose length is not said', () => new Response(new Blob([new Uint8Array(MIB + 1)]).stream()), 409],
    ['without content', () => new Response(null, { status: 204 }), 204],
    ['that is empty', () => new Response(''), 200],
    ['in many pieces', () => new Response(pieces(2000)), 200],
    ['that is a part', () => new Response('par', { status: 206, headers: { 'content-range': 'bytes 0-2/9' } }), 409],
    ['that is a stream of events', () => new Response('data: 1\n\n', { headers: EVENTS }), 409],
    [
      'with more fields than a ledger keeps',
      () => new Response('x', { headers: { 'x-long': 'a'.repeat(40_000) } }),
      409,
    ],
  ])('%s is answered as it may be kept', async (_what, answer, status) => {
    reader.world.origin = answer
    const init = await order('one')
    const [first, firstBody] = await send('/reports/orders', init)
    const [again, body] = await send('/reports/orders', init)
    expect(again.status).toBe(status)
    if (status === 409) expect(firstBody.byteLength).toBeGreaterThan(0)
    else expect([first.status, body.byteLength === firstBody.byteLength]).toEqual([status, true])
    expect(reader.world.received).toHaveLength(1)
  })

  it('goes in the coding in which it came', async () => {
    const coded = await new Response(
      new Blob(['the answer']).stream().pipeThrough(new CompressionStream('gzip')),
    ).bytes()
    const init = {
      headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
      encodeBody: 'manual',
    } as const
    reader.world.origin = () => new Response(coded, init)
    const [first, firstBody] = await send('/reports/coded', await order('one'))
    const [again, body] = await send('/reports/coded', await order('one'))
    expect([again.headers.get('content-encoding'), body]).toEqual([first.headers.get('content-encoding'), firstBody])
  })

  it('is had by a GET that nothing stores, too, whatever condition it makes', async () => {
    const headers = { etag: '"1"', 'cache-control': 'no-store' }
    reader.world.origin = () => new Response('the report', { headers })
    const get = { method: 'GET', body: null }
    await send('/reports/1', await order('one', get))
    const conditions = { 'if-none-match': '"1"', range: 'bytes=0-2', 'if-match': '"2"' }
    const [again, body] = await send('/reports/1', await order('one', { ...get, headers: conditions }))
    expect([again.status, new TextDecoder().decode(body)]).toEqual([200, 'the report'])
    expect([reader.world.received.length, (await totals()).charges]).toEqual([1, 1])
  })

  it('is had by a page of another site, as the first was', async () => {
    const init = await order('one', { headers: { origin: 'https://app.test' } })
    const [first] = await send('/reports/orders', init)
    const [again] = await send('/reports/orders', init)
    const name = 'access-control-allow-origin'
    expect([first.headers.get(name), again.headers.get(name)]).toEqual(['*', '*'])
    expect(again.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed')
  })

  it('is had from an object that was let go of meanwhile', async () => {
    await send('/reports/orders', await order('one'))
    await evictDurableObject(ledger())
    const [again, body] = await send('/reports/orders', await order('one'))
    expect([again.status, new TextDecoder().decode(body)]).toEqual([200, 'the paid page'])
  })

  it('is nobody else’s, and stands for nothing else', async () => {
    await send('/metered/orders', await order('one'))
    const other = await order('one', {}, `${reader.account}, another`)
    expect((await send('/metered/orders', other))[0].headers.get('idempotency-replayed')).toBeNull()
    expect(reader.world.received).toHaveLength(2)
    const [conflict, body] = await send('/metered/orders', await order('one', { body: 'another' }))
    expect([conflict.status, new TextDecoder().decode(body)]).toEqual([409, expect.stringContaining('another request')])
    expect(reader.world.received).toHaveLength(2)
  })

  it('is kept for a day', async () => {
    vi.setSystemTime(Date.now())
    await send('/reports/orders', await order('one'))
    vi.setSystemTime(Date.now() + DAY_MS - 1)
    expect((await send('/reports/orders', await order('one')))[0].headers.get('idempotency-replayed')).toBe('true')
    vi.setSystemTime(Date.now() + 2)
    expect((await send('/reports/orders', await order('one')))[0].headers.get('idempotency-replayed')).toBeNull()
    expect([reader.world.received.length, (await totals()).charges]).toEqual([2, 2])
  })

  it('makes room for newer ones of the account', async () => {
    reader.world.origin = () => new Response(new Uint8Array(MIB))
    for (let number = 0; number < 14; number++) await send('/reports/orders', await order(`${number}`))
    expect(await statuses(1, '/reports/orders', await order('0'))).toEqual([409])
    expect(await statuses(1, '/reports/orders', await order('13'))).toEqual([200])
  })
})
