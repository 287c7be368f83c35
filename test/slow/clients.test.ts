import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { EventSource, request, WebSocket } from 'undici'
import { describe, expect, it } from 'vitest'
import { startAll } from './running.ts'
import { startForFile } from './startforfile.ts'

const run = promisify(execFile)

const all = await startForFile(startAll())
const premium = { authorization: `Bearer ${await all.token('--entitlements', 'premium')}` }
const api = { authorization: `Bearer ${await all.token('--entitlements', 'api')}` }

async function curl(...options: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '-i', ...options], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.toLowerCase()
}

const bearer = (fields: Record<string, string>): string[] => ['-H', `authorization: ${fields['authorization'] ?? ''}`]

describe('curl', () => {
  it('is refused, and reads the page once it has paid', async () => {
    expect(await curl(`${all.gate}/articles/1`)).toMatch(/^http\/1\.1 402 payment required/)
    expect(await curl(`${all.gate}/articles/1`, ...bearer(premium))).toMatch(
      /^http\/1\.1 200 ok[\s\S]*<h1>the night ferry is coming back<\/h1>/,
    )
  })

  it('sees the same fields with HEAD as with GET, and no body', async () => {
    const head = await curl('--head', `${all.gate}/articles/1`, ...bearer(premium))
    const length = /content-length: (\d+)/
    const get = await curl(`${all.gate}/articles/1`, ...bearer(premium))
    expect(length.exec(head)?.[1]).toBe(length.exec(get)?.[1])
    expect(head).not.toContain('<h1>')
  })

  it('may send a GET with a body where nobody shares the answer, and nowhere else', async () => {
    const shared = await curl('-X', 'GET', '-d', 'x=1', `${all.gate}/articles/1`, ...bearer(premium))
    expect(shared).toMatch(/^http\/1\.1 400 bad request[\s\S]*"reason":"request-malformed"/)
    const own = await curl('-X', 'GET', '-d', 'x=1', `${all.gate}/api/echo`, ...bearer(api))
    expect(own).toMatch(/^http\/1\.1 200 ok[\s\S]*"content-length":"3"/)
  })

  it.each(['PROPFIND', 'M-SEARCH', 'get'])('may send the method %s, and is answered', async (method) => {
    expect(await curl('-X', method, `${all.gate}/articles/1`)).toMatch(/^http\/1\.1 (402|501|400|405)/)
    expect(await curl('-X', method, `${all.gate}/free/1`)).toMatch(/^http\/1\.1 (200|404|405|501|400|502)/)
  })

  it('is shown by TRACE nothing of what it sent, whatever was paid', async () => {
    for (const path of ['/free/1', '/articles/1', '/api/1', '/none']) {
      const answer = await curl('-X', 'TRACE', `${all.gate}${path}`, ...bearer(premium))
      expect(answer).toMatch(
        /^http\/1\.1 405 method not allowed[\s\S]*allow: get, [\s\S]*"reason":"method-not-allowed"/,
      )
      expect(answer).not.toContain('eyj')
    }
  })

  it('waits for 100 Continue before it sends a large body, and the body arrives whole', async () => {
    const body = 'x'.repeat(2 * 1024 * 1024)
    const echoed = run(
      'curl',
      [
        '-sS',
        '-X',
        'POST',
        '-H',
        'expect: 100-continue',
        '--data-binary',
        '@-',
        ...bearer(api),
        `${all.gate}/api/echo`,
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    )
    echoed.child.stdin?.end(body)
    expect(JSON.parse((await echoed).stdout).body.length).toBe(body.length)
  })
})

describe('undici', () => {
  it('reads the refusal as a problem document', async () => {
    const response = await request(`${all.gate}/articles/1`)
    expect(response.statusCode).toBe(402)
    expect(await response.body.json()).toMatchObject({
      reason: 'payment-required',
      offer: { entitlements: ['premium'] },
    })
  })

  it('gets a range of the page, and 304 for the copy it has', async () => {
    const whole = await request(`${all.gate}/articles/1`, { headers: premium })
    const text = await whole.body.text()
    const range = await request(`${all.gate}/articles/1`, { headers: { ...premium, range: 'bytes=10-19' } })
    expect([range.statusCode, await range.body.text()]).toEqual([206, text.slice(10, 20)])
    const etag = String(whole.headers['etag'])
    const again = await request(`${all.gate}/articles/1`, { headers: { ...premium, 'if-none-match': etag } })
    expect([again.statusCode, await again.body.text()]).toEqual([304, ''])
  })

  it('gets a body of 50 MB as it is', async () => {
    const response = await request(`${all.gate}/api/large?bytes=52428800`, { headers: api })
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of response.body) {
      const data: Buffer = chunk
      bytes += data.length
      hash.update(data)
    }
    expect(bytes).toBe(52_428_800)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(52_428_800, '.')).digest('hex'))
  })

  it('streams a request body while the response is still to come', async () => {
    async function* chunks() {
      for (let chunk = 0; chunk < 32; chunk++) yield Buffer.alloc(64 * 1024, 97 + (chunk % 26))
    }
    const response = await request(`${all.gate}/api/echo`, {
      method: 'POST',
      headers: api,
      body: Readable.from(chunks()),
    })
    const { body } = (await response.body.json()) as { body: string }
    expect(body.length).toBe(32 * 64 * 1024)
  })

  it('hears events as they happen', async () => {
    const response = await request(`${all.gate}/api/stream?n=2`, { headers: api })
    const chunks: string[] = []
    for await (const chunk of response.body) chunks.push(String(chunk))
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks.join('')).toContain('{"event":2,"of":2}')
  })

  it('talks through a WebSocket', async () => {
    const socket = new WebSocket(`${all.gate.replace('http', 'ws')}/api/socket`, { headers: api })
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const answered = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)))
    socket.send('hello')
    expect(await answered).toBe('hello')
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
    socket.close()
    await closed
  })

  it('opens no WebSocket and no event stream unpaid', async () => {
    const socket = new WebSocket(`${all.gate.replace('http', 'ws')}/api/socket`)
    await new Promise((resolve) => socket.addEventListener('error', resolve))
    const events = new EventSource(`${all.gate}/api/stream`)
    await new Promise((resolve) => events.addEventListener('error', resolve))
    expect(events.readyState).toBe(EventSource.CLOSED)
  })
})

describe('a program in a page of another site', () => {
  const origin = 'http://reader.example'

  it('may ask with a token, and read the refusal and the paid answer', async () => {
    const preflight = await request(`${all.gate}/articles/1`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers['access-control-allow-headers']).toBe('authorization')
    for (const fields of [{}, premium]) {
      const { headers } = await request(`${all.gate}/articles/1`, { headers: { ...fields, origin } })
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers['access-control-expose-headers']).toContain('WWW-Authenticate')
    }
  })
})
