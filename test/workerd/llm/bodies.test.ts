import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MODEL_KEYS, type Models } from '../../../demo/models/models.ts'
import { encoded, piecesOf } from '../../support/decoding.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate
let buyer: Buyer

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf()
  buyer = await createBuyer(gate, world)
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const CHAT = '/openai/v1/chat/completions'
const MESSAGES = '/anthropic/v1/messages'
const LOTS = 100_000_000_000n
const asking = (text: string) => ({ model: 'test', messages: [{ role: 'user', content: text }] })
const bytesOf = (body: object): Uint8Array => new TextEncoder().encode(JSON.stringify(body))

async function post(body: BodyInit, fields: Record<string, string>) {
  const response = await buyer.send(CHAT, { method: 'POST', body, headers: fields })
  const { status, headers } = response
  const json = await response.json()
  await gate.settled()
  return { status, headers, json }
}

describe('a request to a model', () => {
  beforeEach(() => buyer.grant(LOTS))

  it.each([
    undefined,
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain',
  ])('is sent as the JSON that was read in it, whatever it is called: %s', async (type) => {
    const { status } = await post(JSON.stringify(asking('hi')), type === undefined ? {} : { 'content-type': type })
    expect([status, models.log[0]?.fields['content-type']]).toEqual([200, 'application/json'])
  })

  it.each(['gzip', 'deflate'] as const)('may be compressed by %s', async (coding) => {
    const body = asking('hi '.repeat(50_000))
    const compressed = await encoded(bytesOf(body), coding)
    expect(compressed.length).toBeLessThan(5000)
    const fields = { 'content-type': 'application/json', 'content-encoding': coding }
    expect((await post(compressed, fields)).status).toBe(200)
    expect(models.log[0]?.body).toMatchObject(body)
    expect(models.log[0]?.fields['content-encoding']).toBeUndefined()
  })

  it('is bounded by what it decodes to', async () => {
    const poor = await createBuyer(gate, world)
    await poor.grant(10_000_000n)
    const body = { ...asking('hi '.repeat(50_000)), max_completion_tokens: 16 }
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const compressed = await encoded(bytesOf(body), 'gzip')
    const response = await poor.send(CHAT, { method: 'POST', body: compressed, headers })
    expect([response.status, await response.json()]).toEqual([
      402,
      expect.objectContaining({ reason: 'credit-insufficient' }),
    ])
  })

  it.each(['br', 'zstd', 'gzip, gzip'])(
    'is refused in the shape of its SDK if it is compressed by %s',
    async (coding) => {
      const { status, headers, json } = await post(bytesOf(asking('hi')), { 'content-encoding': coding })
      expect([status, headers.get('accept-encoding'), models.log]).toEqual([415, 'gzip, deflate', []])
      expect(json).toMatchObject({ reason: 'content-encoding-unsupported', error: { type: 'invalid_request_error' } })
    },
  )

  it('is refused if it decodes to more than four megabytes, and little more of it is read', async () => {
    const bomb = await encoded(new Uint8Array(64 * 1024 * 1024), 'gzip')
    const { body, taken } = piecesOf(bomb, 512)
    const { status, json } = await post(body as BodyInit, { 'content-encoding': 'gzip' })
    expect([status, json]).toEqual([413, expect.objectContaining({ reason: 'content-too-large' })])
    expect(taken()).toBeLessThan(bomb.length / 2)
    expect(models.log).toEqual([])
  })

  it('is refused if a picture is gigantic in its header alone', async () => {
    const picture = [
      0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 127, 255, 255, 255, 127,
    ]
    const data = [...picture, 255, 255, 255, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0, 0, 0, 0]
    const url = `data:image/png;base64,${btoa(String.fromCharCode(...data))}`
    const bytesAlone = gatewayOf({ count: 'bytes' })
    const poor = await createBuyer(bytesAlone, world)
    await poor.grant(300_000_000n)
    const content = [{ type: 'image_url', image_url: { url } }]
    const body = { model: 'test', messages: [{ role: 'user', content }], max_completion_tokens: 16 }
    expect((await poor.post(CHAT, body)).status).toBe(402)
    expect(models.log).toEqual([])
    await poor.grant(200_000_000n)
    const response = await poor.post(CHAT, body)
    expect(response.status).toBe(200)
    await response.text()
    await bytesAlone.settled()
  })
})

describe('the counter of a provider', () => {
  const long = { ...asking('word '.repeat(2000)), max_tokens: 10 }
  const counts = () => models.log.filter(({ path }) => path.endsWith('/count_tokens'))
  const fields = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'context-1m-2025-08-07', 'x-app': 'canary' }

  it('is asked once if the bytes do not fit, with the key of the operator and none of the fields of the client', async () => {
    await buyer.grant(10_000_000n)
    const response = await buyer.post(MESSAGES, { ...long, metadata: { user_id: 'canary' } }, fields)
    expect(response.status).toBe(200)
    await response.text()
    expect(models.log.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens', '/v1/messages'])
    const [count] = counts()
    expect(count?.fields['x-api-key']).toBe(MODEL_KEYS.anthropic)
    const { 'x-api-key': _, ...others } = count?.fields ?? {}
    expect(JSON.stringify([others, count?.body])).not.toMatch(/canary|context-1m|eyJ/)
  })

  it('is not asked if the bytes fit', async () => {
    await buyer.grant(LOTS)
    await (await buyer.post(MESSAGES, long, fields)).text()
    expect(counts()).toEqual([])
  })

  it('is not asked if the bytes are more than six times what is left', async () => {
    await buyer.grant(5_000_000n)
    expect((await buyer.post(MESSAGES, long, fields)).status).toBe(402)
    expect(models.log).toEqual([])
  })

  it('is asked no more than five times at once for an account that is refused a hundred times', async () => {
    await buyer.grant(6_000_000n)
    const held = Promise.withResolvers<void>()
    world.origin = async (request) => {
      if (request.url.endsWith('/count_tokens')) await held.promise
      return models.fetch(request)
    }
    let answered = 0
    const statuses = Array.from({ length: 100 }, async () => {
      const { status } = await buyer.post(MESSAGES, long, fields)
      if (++answered === 95) held.resolve()
      return status
    })
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([402]))
    expect(models.log.map(({ path }) => path)).toEqual(Array(5).fill('/v1/messages/count_tokens'))
  })
})
