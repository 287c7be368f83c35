import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Running, startAll } from '../running.ts'
import { type Answer, askAll } from './wire.ts'

let demo: Running

beforeAll(async () => {
  demo = await startAll()
})
afterAll(() => demo.stop())

/** A GET with content, which `fetch` does not send. */
async function get(bearer: string, content: string): Promise<Answer | undefined> {
  const { host, port } = new URL(demo.gate)
  const fields = [`Host: ${host}`, `Authorization: Bearer ${bearer}`, 'Idempotency-Key: one', ...content.split('\n')]
  const [answer] = await askAll(Number(port), [Buffer.from(`GET /api/echo HTTP/1.1\r\n${fields.join('\r\n')}`)])
  return answer
}

it.each([
  ['with its length', 'Content-Length: 3\n\nabc'],
  ['in chunks', 'Transfer-Encoding: chunked\n\n3\nabc\n0\n\n'],
])('content %s that a GET brings along with a key is no bug of ours', async (how, content) => {
  const bearer = await demo.token('--sub', how, '--entitlements', 'api', '--limit', 'requests=5/3600')
  expect((await get(bearer, content))?.status).toBe(200)
  expect((await get(bearer, content))?.status).toBe(409)
})
