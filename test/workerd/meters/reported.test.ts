import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reported } from '../../../src/index.ts'
import { holdMeterToContract } from '../../meters/contract.ts'
import { type Client, createClient, meteredGate, piecesOf, textOf } from './gate.ts'
import { createWorld, type World } from '../../support/world.ts'

const meter = reported({ most: { words: 40 } })
const asking = { method: 'POST', body: '{"words":40}', headers: { 'content-type': 'application/json' } } as const
const answering = (words: number, lengths?: readonly number[]): Response =>
  new Response(piecesOf(textOf(words), lengths), { headers: { 'faregate-usage': `words=${words}` } })

describe('what an origin reports', () =>
  holdMeterToContract({ create: () => meter, asking, answering, isKnownAtOnce: true }))

describe('what an origin does not report', () => {
  let world: World
  let client: Client

  beforeEach(async () => {
    world = await createWorld()
    client = createClient(meteredGate(meter, 'platform'), world, 1000)
  })
  afterEach(() => world.end())

  it.each([
    ['no field', undefined, 40],
    ['a malformed one', 'words: 7', 40],
    ['another name', 'rows=7', 40],
    ['less than nothing', 'words=-7', 40],
    ['nothing', 'words=0', 0],
    ['several fields', 'rows=1, words=7', 7],
  ])('costs the reservation, where there is %s', async (_what, field, charged) => {
    world.origin = () => new Response('x', { headers: field === undefined ? {} : { 'faregate-usage': field } })
    const { headers, text } = await client.visit('/metered/x', await client.withToken({}))
    expect([text, headers.has('faregate-usage'), await client.charged()]).toEqual(['x', false, charged])
  })

  it('of a WebSocket is what its handshake says', async () => {
    world.origin = () =>
      new Response(null, {
        status: 101,
        webSocket: new WebSocketPair()[0],
        headers: { 'faregate-usage': 'words=3', 'sec-websocket-protocol': 'chat' },
      })
    const upgrade = { headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'chat' } }
    const { status, headers } = await client.visit('/metered/x', await client.withToken(upgrade))
    expect([status, headers.has('faregate-usage'), await client.charged()]).toEqual([101, false, 3])
  })
})

describe('a field that the operator names', () => {
  const named = reported({ field: 'X-Words', most: { words: 40 } })
  let world: World
  let client: Client

  beforeEach(async () => {
    world = await createWorld()
    client = createClient(meteredGate(named), world, 1000)
  })
  afterEach(() => world.end())

  it('is read, does not leave, and is no client’s to send', async () => {
    world.origin = () => new Response('x', { headers: { 'x-words': 'words=3' } })
    const forged = { 'x-words': 'words=0', x_words: 'words=0', 'x.words': 'words=0', 'x-other': 'words=0' }
    const { headers } = await client.visit('/metered/x', await client.withToken({ headers: forged }))
    const sent = [...(world.received[0]?.headers ?? [])].filter(([, value]) => value === 'words=0')
    expect([headers.has('x-words'), sent, await client.charged()]).toEqual([false, [['x-other', 'words=0']], 3])
  })

  it('counts each part of a page that is asked for, for each is work', async () => {
    const part = { 'x-words': 'words=30', etag: '"1"', 'content-range': 'bytes 0-3/99' }
    world.origin = () => new Response('part', { status: 206, headers: part })
    const init = await client.withToken({ headers: { range: 'bytes=0-3' } })
    for (const charged of [30, 60]) {
      expect((await client.visit('/metered/x', init)).status).toBe(206)
      expect(await client.charged()).toBe(charged)
    }
  })

  it('is named by explain, with the least that it counts', async () => {
    const response = await client.send('/__faregate/explain?target=/metered/x', await client.withToken({}))
    expect(await response.json()).toMatchObject({ decision: { charges: { units: { words: '1' }, meter: 'reported' } } })
  })
})
