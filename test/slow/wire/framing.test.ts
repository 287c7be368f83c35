import { describe, expect, it } from 'vitest'
import { fieldOf } from '../attacks/wire.ts'
import { startWireGate } from './gate.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startWireGate())

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: max-age=60\r\nETag: "1"\r\n'
const CHUNKS = 'a\r\n0123456789\r\n0\r\n\r\n'

/** What an origin says of the length of `0123456789`, and the content that follows. */
const SOUND: Record<string, string> = {
  'Content-Length before chunks': `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
  'Content-Length after the coding': `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${CHUNKS}`,
  'Content-Length of more than the chunks': `${OK}Content-Length: 5000000\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
  'Content-Length twice': `${OK}Content-Length: 10\r\nContent-Length: 10\r\n\r\n0123456789`,
  'Content-Length as a list': `${OK}Content-Length: 10, 10\r\n\r\n0123456789`,
  'nothing, until the connection ends': `${OK}\r\n0123456789`,
  'that bytes are left over': `${OK}Content-Length: 10\r\n\r\n0123456789HTTP/1.1 200 OK\r\n\r\n`,
}

describe('a response arrives whole, and is charged once, where its origin says', () => {
  it.each(Object.entries(SOUND))('%s', async (name, answer) => {
    const account = `account of ${name}`
    for (const route of ['articles', 'off', 'metered', 'free']) {
      const path = `/${route}/${encodeURIComponent(name)}`
      gate.answers.set(path, answer)
      for (const time of ['miss', 'hit', 'again']) {
        const answered = await gate.ask(path, { account })
        expect([answered?.status, answered?.body], `${path} ${time}`).toEqual([200, '0123456789'])
      }
      const head = await gate.ask(path, { method: 'HEAD', account: 'account of HEAD' })
      expect([head?.status, fieldOf(head ?? NO_ANSWER, 'content-length') ?? '10'], path).toEqual([200, '10'])
    }
    expect(await gate.used(account)).toBe('3')
  })
})

const NO_ANSWER = { status: 0, head: '', body: '' }

describe('a response whose length cannot be told', () => {
  it.each(['10\r\nContent-Length: 5', '5, 10', 'ten', '+10', '-1', '0x0a'])(
    'is none, and is not charged: Content-Length: %s',
    async (length) => {
      const account = `account of ${length}`
      const path = `/metered/${encodeURIComponent(length.replace(/[^]*:/, 'two'))}`
      gate.answers.set(path, `${OK}Content-Length: ${length}\r\n\r\n0123456789`)
      expect((await gate.ask(path, { account }))?.status).toBe(502)
      expect(await gate.used(account)).toBe('0')
    },
  )

  it('because it ends too soon, ends for its client too, and is not kept', async () => {
    const path = '/articles/short'
    gate.answers.set(path, `${OK}Content-Length: 20\r\n\r\n0123456789`)
    expect(await gate.ask(path)).toBeUndefined()
    gate.answers.set(path, `${OK}Content-Length: 10\r\n\r\n0123456789`)
    expect((await gate.ask(path))?.body).toBe('0123456789')
  })
})

describe('a response without content', () => {
  it.each([
    ['204 No Content', 'Content-Length: 10\r\n'],
    ['204 No Content', 'Transfer-Encoding: chunked\r\n'],
    ['205 Reset Content', 'Content-Length: 0\r\n'],
    ['304 Not Modified', 'Content-Length: 10\r\nTransfer-Encoding: chunked\r\n'],
  ])('%s is one, though it says %j', async (status, fields) => {
    for (const route of ['off', 'free']) {
      const path = `/${route}/${status.slice(0, 3)}-${fields.slice(0, 8)}`
      gate.answers.set(path, `HTTP/1.1 ${status}\r\n${fields}ETag: "1"\r\n\r\n`)
      const answered = await gate.ask(path, { fields: ['If-None-Match: "1"'] })
      expect([answered?.status, answered?.body]).toEqual([Number(status.slice(0, 3)), ''])
      if (answered?.status === 204) expect(answered.head).not.toMatch(/^(?:content-length|transfer-encoding):/im)
    }
  })
})

describe('what ends at the hop between gate and origin', () => {
  it('goes no further, stored or not', async () => {
    const fields =
      'Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nX-End: 1\r\nTrailer: X-Sum\r\n'
    for (const route of ['articles', 'off', 'free']) {
      gate.answers.set(`/${route}/hops`, `${OK}${fields}Content-Length: 10\r\n\r\n0123456789`)
      for (const time of ['miss', 'hit']) {
        const head = (await gate.ask(`/${route}/hops`))?.head
        expect(head, time).toMatch(/^x-end: 1$/im)
        expect(head).not.toMatch(/^(?:x-hop|keep-alive|trailer):/im)
      }
    }
  })
})
