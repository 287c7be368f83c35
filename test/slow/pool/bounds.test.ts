import type { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { behaviours, startUnruly, type Unruly } from '../../../demo/unruly.ts'
import { type PoolGate, startPoolGate } from './gate.ts'

let gate: PoolGate
let one: Unruly
let two: Unruly
/** Responses that the servers have begun or not, until a test ends them. */
const open: ServerResponse[] = []

beforeAll(async () => {
  ;[one, two] = await Promise.all([startUnruly(), startUnruly()])
  const bounded = { servers: [{ url: one.url, maxConcurrent: 2 }] }
  gate = await startPoolGate({
    pair: {
      servers: [
        { url: one.url, maxConcurrent: 2 },
        { url: two.url, maxConcurrent: 1 },
      ],
    },
    ended: bounded,
    broken: bounded,
    left: bounded,
    failed: { ...bounded, health: { failures: 1000 } },
    plain: bounded,
  })
})

beforeEach(async () => {
  open.length = 0
  for (const server of [one, two]) {
    server.asked.length = 0
    await server.behave((_request, response) => open.push(response))
  }
})

afterAll(async () => {
  await gate.stop()
  await Promise.all([one.close(), two.close()])
})

const FULL = '503 overloaded'

/** Two responses of the zone's server whose heads have come, and the rest of whose bodies has not. */
async function twoBegun(zone: string) {
  await one.behave((_request, response) => {
    open.push(response)
    response.writeHead(200, { 'cache-control': 'no-store' }).write('the ')
  })
  const begun = [await gate.ask(zone, '/articles/1'), await gate.ask(zone, '/articles/2')] as const
  expect(await gate.outcome(zone, '/articles/3')).toBe(FULL)
  await one.behave(behaviours.serves)
  return begun
}

describe('a server with a bound', () => {
  it('gets no more requests at once, and others get them', async () => {
    const waiting = [1, 2, 3].map((number) => gate.outcome('pair', `/articles/${number}`))
    await expect.poll(() => open.length).toBe(3)
    expect([one.asked.length, two.asked.length]).toEqual([2, 1])
    expect(await gate.outcome('pair', '/articles/4')).toBe(FULL)
    for (const response of open) response.end('done')
    expect(await Promise.all(waiting)).toEqual(['200 done', '200 done', '200 done'])
    expect([one.asked.length, two.asked.length]).toEqual([2, 1])
  })

  it('is at work until the body of its response has ended', async () => {
    const [first, second] = await twoBegun('ended')
    open[0]?.end('page')
    expect(await first.body.text()).toBe('the page')
    expect(await gate.outcome('ended', '/articles/4')).toBe('200 the page')
    open[1]?.end('page')
    expect(await second.body.text()).toBe('the page')
  })

  it('is no longer at work on a body that broke off', async () => {
    const [first, second] = await twoBegun('broken')
    for (const response of open) response.destroy()
    await expect(first.body.text()).rejects.toThrow()
    await expect(second.body.text()).rejects.toThrow()
    expect(await gate.outcome('broken', '/articles/4')).toBe('200 the page')
  })

  it('is no longer at work for a client that has left, once something cannot be delivered', async () => {
    const [first, second] = await twoBegun('left')
    first.body.on('error', () => undefined).destroy()
    const goOn = (): Promise<string> => {
      open[0]?.write('next ')
      return gate.outcome('left', '/articles/4')
    }
    await expect.poll(goOn).toBe('200 the page')
    open[1]?.end('page')
    expect(await second.body.text()).toBe('the page')
  })

  it('has its place back when it fails, or answers without a body', async () => {
    await one.behave(behaviours.resets)
    for (const _ of [1, 2, 3]) expect(await gate.outcome('failed', '/articles/1')).toBe('502 origin-unreachable')
    await one.behave((_request, response) => response.writeHead(204).end())
    for (const _ of [1, 2, 3]) expect(await gate.outcome('failed', '/articles/1')).toBe('204 ')
    await one.behave(behaviours.serves)
    for (const _ of [1, 2, 3]) expect(await gate.outcome('failed', '/articles/1', { method: 'HEAD' })).toBe('200 ')
  })

  it.each([
    ['gzip', gzipSync('the page '.repeat(999), { level: 1 })],
    ['br', brotliCompressSync('the page '.repeat(999), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('is answered for with content encoded as it was: %s', async (encoding, encoded) => {
    await one.behave((_request, response) => {
      const headers = { 'content-encoding': encoding, 'content-length': encoded.length, etag: '"1"' }
      response.writeHead(200, headers).end(encoded)
    })
    const { headers, body } = await gate.ask('plain', '/articles/1')
    const received = Buffer.from(await body.arrayBuffer())
    expect([headers['content-encoding'], headers['etag'], received.equals(encoded)]).toEqual([encoding, '"1"', true])
  })

  it('is answered for with the length of its content', async () => {
    await one.behave((_request, response) => response.writeHead(200, { 'content-length': '4' }).end('page'))
    const { headers, body } = await gate.ask('plain', '/articles/1')
    expect([headers['content-length'], await body.text()]).toEqual(['4', 'page'])
  })
})
