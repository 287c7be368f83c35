import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { startAll } from '../running.ts'
import { type Answer, askAll } from './wire.ts'
import { open } from '../../../tools/loopback.ts'
import { startForFile } from '../startforfile.ts'

const demo = await startForFile(startAll())

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
])('content %s that a GET brings along with a key is refused, and is no bug of ours', async (how, content) => {
  const bearer = await demo.token('--sub', how, '--entitlements', 'api', '--limit', 'requests=5/3600')
  const answer = await get(bearer, content)
  expect([answer?.status, answer?.body]).toEqual([400, expect.stringContaining('"reason":"request-malformed"')])
})

it('a client that left before it was answered may ask again with its key, and is charged once', async () => {
  const waiting: ServerResponse[] = []
  const slow = createServer((_request, response) => waiting.push(response))
  const gate = await startAll(await open(slow))
  const { host, port } = new URL(gate.gate)
  const bearer = await gate.token('--sub', 'left', '--entitlements', 'api', '--limit', 'requests=5/3600')
  const fields = [`Host: ${host}`, `Authorization: Bearer ${bearer}`, 'Idempotency-Key: one', 'Content-Length: 0']
  const order = ['POST /api/order HTTP/1.1', ...fields, '', ''].join('\r\n')
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(order)
  await once(slow, 'request')
  socket.resetAndDestroy()
  slow.on('request', (_request, response: ServerResponse) => response.end('the order'))
  const url = `${gate.gate}/__faregate/account`
  const charges = async (): Promise<unknown> => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })
    const { account } = (await response.json()) as { account: { charges: { last: unknown[]; total: number } } }
    return account.charges
  }
  await once(socket, 'close')
  // With this answer the gate has heard that the client left, too.
  expect(await charges()).toMatchObject({ last: [{ state: 'open' }] })
  for (const response of waiting) response.end('the order')
  await expect.poll(charges).toMatchObject({ last: [{ state: 'settled', delivery: 'broken' }] })
  const [again] = await askAll(Number(port), [Buffer.from(order)])
  expect([again?.status, again?.body]).toEqual([200, 'the order'])
  expect(await charges()).toMatchObject({
    last: [{ counts: { requests: '0' } }, { counts: { requests: '1' } }],
    unsettled: 0,
  })
  slow.close()
  await gate.stop()
})
