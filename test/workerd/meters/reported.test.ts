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
    const { headers, text } = await client.visit('/metered/x', await client.bearing({}))
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
    const { status, headers } = await client.visit('/metered/x', await client.bearing(upgrade))
    expect([status, headers.has('faregate-usage'), await client.charged()]).toEqual([101, false, 3])
  })
})
