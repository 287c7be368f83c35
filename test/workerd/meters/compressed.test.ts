import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Meter } from '../../../src/index.ts'
import { words } from '../../meters/toy.ts'
import { decodeBody } from '../../../src/http/decode.ts'
import { encoded, holdDecodingToContract, piecesOf } from '../../support/decoding.ts'
import { createWorld, type World } from '../../support/world.ts'
import { type Client, createClient, meteredGate, ONE, textOf } from './gate.ts'

const MAX_BYTES = 1024 * 1024

holdDecodingToContract()

it('a compressed body is read no further than 8 KiB beyond what has been taken of it decoded', async () => {
  const bomb = await encoded(new Uint8Array(32 * 1024 * 1024), 'gzip')
  expect(bomb.length).toBeGreaterThan(30_000)
  const { body, taken } = piecesOf(bomb, 1000)
  const reader = decodeBody(body, 'gzip', MAX_BYTES).getReader()
  for (let bytes = 0; bytes < 1_000_000; ) bytes += (await reader.read()).value?.length ?? 0
  expect(taken()).toBeLessThan(10_000)
  await reader.cancel()
})

const WISH = JSON.stringify({ words: 40, models: ['small'] })
const bytes = new TextEncoder().encode(WISH)

let world: World
let client: Client

function open(content: Meter['content']): void {
  const meter = words({ models: { small: ONE } })
  client = createClient(meteredGate({ ...meter, ...(content && { content }) }), world, 1000)
}

beforeEach(async () => {
  world = await createWorld()
  world.origin = () => new Response(textOf(12))
  open({ maxBytes: MAX_BYTES, mostMs: 5000, decodes: true })
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

async function send(body: BodyInit, fields: Record<string, string>) {
  const headers = { 'content-type': 'application/json', ...fields }
  return client.visit('/metered/x', await client.withToken({ method: 'POST', body, headers }))
}

describe('a meter that has content decoded', () => {
  it.each(['gzip', 'deflate'] as const)('reads what came by %s, and its server gets it decoded', async (coding) => {
    const digest = { 'content-digest': 'sha-256=:aaaa:', 'content-md5': 'aaaa' }
    const answer = await send(await encoded(bytes, coding), { 'content-encoding': coding, ...digest })
    expect(answer.text).toBe(`${textOf(12)}\n[12 of at most 40 words]`)
    expect(await client.charged()).toBe(12)
    const [request] = world.received
    expect(await request?.text()).toBe(WISH)
    for (const name of ['content-encoding', ...Object.keys(digest)]) expect(request?.headers.has(name)).toBe(false)
    expect(request?.headers.get('content-length') ?? String(bytes.length)).toBe(String(bytes.length))
  })

  it('reads what is not compressed as it is', async () => {
    expect((await send(bytes, { 'content-encoding': 'identity' })).status).toBe(200)
    expect((await send(bytes, {})).status).toBe(200)
  })

  it.each(['br', 'zstd', 'gzip, gzip', 'compress'])('refuses content by %s, and says what it reads', async (coding) => {
    const { status, headers, text } = await send(bytes, { 'content-encoding': coding })
    expect([status, headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate'])
    expect(JSON.parse(text)).toMatchObject({ type: expect.stringContaining('#content-encoding-unsupported') })
    expect([world.received.length, await client.charged()]).toEqual([0, 0])
  })

  it('stops reading what decodes to more than the limit, and has read little more than that', async () => {
    const { body, taken } = piecesOf(await encoded(new Uint8Array(32 * MAX_BYTES), 'gzip'), 512)
    const { status, text } = await send(body, { 'content-encoding': 'gzip' })
    expect([status, JSON.parse(text)]).toEqual([
      413,
      expect.objectContaining({ type: expect.stringContaining('#content-too-large') }),
    ])
    expect(taken()).toBeLessThan(10_000)
    expect([world.received.length, await client.charged()]).toEqual([0, 0])
  })

  it.each([
    ['is cut off', async () => (await encoded(bytes, 'gzip')).slice(0, -4)],
    ['is not compressed at all', async () => bytes],
  ])('refuses content that %s', async (_, body) => {
    const { status, text } = await send(await body(), { 'content-encoding': 'gzip' })
    expect([status, JSON.parse(text)]).toEqual([
      400,
      expect.objectContaining({ type: expect.stringContaining('#request-malformed') }),
    ])
    expect(world.received).toEqual([])
  })
})

describe('a meter that has no content decoded', () => {
  it('gets what came, and so does its server', async () => {
    open({ maxBytes: MAX_BYTES, mostMs: 5000 })
    const { status } = await send(bytes, { 'content-encoding': 'gzip' })
    expect([status, world.received[0]?.headers.get('content-encoding')]).toEqual([200, 'gzip'])
    expect(await world.received[0]?.text()).toBe(WISH)
  })
})
