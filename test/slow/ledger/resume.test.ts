import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, startAll } from '../running.ts'

/** Large enough that a client which stops reading holds it up. */
const SIZE = 8 * 1024 * 1024
const content = Buffer.alloc(SIZE, 'the whole of it, ')

let origin: Server
let all: Running
/** Of what the origin has at `/…/big`. */
let version = 1
let asked = 0

/** Parts of one document with a strong validator, and at `/…/plain` of one without any. */
function answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
  asked += 1
  const tag = url?.endsWith('/plain') === true ? undefined : `"big${version}"`
  const validator = tag === undefined ? {} : { etag: tag }
  const common = { 'accept-ranges': 'bytes', 'cache-control': 'no-store', ...validator }
  const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]
  if (from === undefined || (headers['if-range'] ?? tag) !== tag) {
    response.writeHead(200, { ...common, 'content-length': SIZE }).end(content)
    return
  }
  const part = content.subarray(Number(from))
  const range = `bytes ${from}-${SIZE - 1}/${SIZE}`
  response.writeHead(206, { ...common, 'content-range': range, 'content-length': part.length }).end(part)
}

beforeAll(async () => {
  origin = createServer(answer).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  all = await startAll(`http://127.0.0.1:${(origin.address() as AddressInfo).port}`)
})
afterAll(async () => {
  await all.stop()
  origin.closeAllConnections()
  origin.close()
})

type Fields = Record<string, string>

async function send(path: string, headers: Fields): Promise<IncomingMessage> {
  const [response] = (await once(get(`${all.gate}${path}`, { headers, agent: false }), 'response')) as [IncomingMessage]
  return response
}

/** Reads some of an answer and then leaves, as a client does whose connection breaks. */
async function cut(response: IncomingMessage): Promise<Buffer> {
  const [first] = (await once(response, 'data')) as [Buffer]
  response.destroy()
  return first
}

async function rest(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function receipt(): Promise<Fields> {
  const token = await all.token('--payment', '--amount', '0.25', '--currency', 'USD', '--resource', '/reports/*')
  return { authorization: `Bearer ${token}` }
}

async function plan(sub: string): Promise<Fields> {
  return { authorization: `Bearer ${await all.token('--sub', sub, '--entitlements', 'api')}` }
}

/** How many requests of its plan an account has used. */
async function used(fields: Fields): Promise<number> {
  const response = await fetch(`${all.gate}/__faregate/account`, { headers: fields })
  const { account } = (await response.json()) as { account: { limits: { usage: { used: string } }[] } }
  return Number(account.limits[0]?.usage.used)
}

describe('a download that broke', () => {
  it('is resumed with the receipt of one use that paid for it', async () => {
    const paid = await receipt()
    const begun = await cut(await send('/reports/big', paid))
    const more = await send('/reports/big', { ...paid, range: `bytes=${begun.length}-`, 'if-range': '"big1"' })
    expect(more.statusCode).toBe(206)
    expect(Buffer.concat([begun, await rest(more)]).equals(content)).toBe(true)
    expect((await send('/reports/big', paid)).statusCode).toBe(402)
  })

  it('and broke again is resumed once more', async () => {
    const paid = await receipt()
    const begun = await cut(await send('/reports/big', { ...paid, range: 'bytes=0-' }))
    const second = await cut(await send('/reports/big', { ...paid, range: `bytes=${begun.length}-` }))
    const at = begun.length + second.length
    const third = await send('/reports/big', { ...paid, range: `bytes=${at}-` })
    expect(Buffer.concat([begun, second, await rest(third)]).equals(content)).toBe(true)
  })

  it('counts once of a plan, in parallel too', async () => {
    const reader = await plan('resumes')
    const slow = await send('/api/big', reader)
    const [one, other] = await Promise.all([
      send('/api/big', { ...reader, range: 'bytes=1000-' }),
      send('/api/big', { ...reader, range: 'bytes=2000-' }),
    ])
    expect([slow, one, other].map(({ statusCode }) => statusCode)).toEqual([200, 206, 206])
    await Promise.all([slow, one, other].map(rest))
    expect(await used(reader)).toBe(1)
  })

  it('of which there is a newer version by now is paid for anew', async () => {
    const paid = await receipt()
    const reader = await plan('newer')
    for (const [path, fields] of [
      ['/reports/big', paid],
      ['/api/big', reader],
    ] as const)
      await cut(await send(path, fields))
    version = 2
    try {
      const fields = { range: 'bytes=1000-', 'if-range': '"big1"' }
      expect((await send('/reports/big', { ...paid, ...fields })).statusCode).toBe(402)
      const whole = await send('/api/big', { ...reader, ...fields })
      expect([whole.statusCode, (await rest(whole)).length]).toEqual([200, SIZE])
      expect(await used(reader)).toBe(2)
    } finally {
      version = 1
    }
  })

  it('cannot be resumed where nothing tells one version from another', async () => {
    const paid = await receipt()
    await cut(await send('/reports/plain', paid))
    const before = asked
    expect((await send('/reports/plain', { ...paid, range: 'bytes=1000-' })).statusCode).toBe(402)
    expect(asked - before).toBeLessThanOrEqual(1)
    const reader = await plan('plain')
    for (const from of [0, 1000, 2000]) await rest(await send('/api/plain', { ...reader, range: `bytes=${from}-` }))
    expect(await used(reader)).toBe(3)
  })
})
