import { afterAll, beforeAll, expect, it } from 'vitest'
import { startUnruly, type Unruly } from '../../../demo/unruly.ts'
import { type PoolGate, startPoolGate } from './gate.ts'

let gate: PoolGate
let server: Unruly

beforeAll(async () => {
  server = await startUnruly()
  gate = await startPoolGate({ short: { servers: [{ url: server.url }], limits: { maxSessionSeconds: 1 } } })
})
afterAll(async () => {
  await gate.stop()
  await server.close()
})

/** Ticks twice in a second, and never ends. */
async function tickFor(fields: Record<string, string>): Promise<void> {
  await server.behave((_request, response) => {
    response.writeHead(200, fields).write('tick\n')
    const ticking = setInterval(() => response.write('tick\n'), 500)
    response.on('close', () => clearInterval(ticking))
  })
}

const kinds: [what: string, path: string, fields: Record<string, string>][] = [
  ['lines of JSON', '/api/1', { 'content-type': 'application/x-ndjson' }],
  ['what has a length', '/api/2', { 'content-type': 'video/mp4', 'content-length': '1000000' }],
  ['what a cache may keep', '/articles/3', { 'content-type': 'text/plain', 'cache-control': 'max-age=60' }],
]

it.each(kinds)(
  'what is paid for and never ends is broken off, and its server is let go: %s',
  async (_what, path, fields) => {
    await tickFor(fields)
    const { statusCode, body } = await gate.ask('short', path)
    expect(statusCode).toBe(200)
    await expect(body.text()).rejects.toThrow()
  },
)
