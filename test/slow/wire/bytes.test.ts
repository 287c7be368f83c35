import { describe, expect, it } from 'vitest'
import type { Answer } from '../attacks/wire.ts'
import { startWireGate } from './gate.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startWireGate())

/** As bytes: each character is one. */
const VALUES: Record<string, string> = {
  'Latin-1': 'attachment; filename="na\xefve.pdf"',
  'UTF-8': 'attachment; filename="caf\xc3\xa9 \xe2\x82\xac.pdf"',
  'bytes that no UTF-8 has': 'a\x80\x81\xfe\xffb',
  'a character cut off': 'a\xe2\x82',
  'U+FFFD itself': 'a\xef\xbf\xbdb',
}

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n'

/** The lines of a field, byte for byte. */
function linesOf(answer: Answer | undefined, name: string): string[] {
  const lines = (answer?.head ?? '').split('\r\n')
  return lines.filter((line) => line.toLowerCase().startsWith(`${name}: `)).map((line) => line.slice(name.length + 2))
}

const cached = (answer: Answer | undefined): string => linesOf(answer, 'cache-status').join()

describe.each(Object.entries(VALUES))('a field with %s', (name, value) => {
  const at = (route: string): string => `/${route}/${name.replaceAll(/\W/g, '-')}`

  it.each(['off', 'free'])('passes as it is where nothing is stored: /%s', async (route) => {
    gate.answers.set(at(route), `${HEAD}Content-Disposition: ${value}\r\n\r\n0123456789`)
    expect(linesOf(await gate.ask(at(route)), 'content-disposition')).toEqual([value])
  })

  it.each(['articles', 'plans', 'metered'])('is stored, and comes back, as it is: /%s', async (route) => {
    const fields = `Cache-Control: max-age=60\r\nETag: "1"\r\nContent-Disposition: ${value}\r\nX-Other: 1\r\n`
    gate.answers.set(at(route), `${HEAD}${fields}X-Two: ${value}\r\nX-Two: b\r\n\r\n0123456789`)
    const hows: string[] = []
    for (const fields of [[], [], [], ['Range: bytes=2-4'], ['If-None-Match: "2"'], ['Cache-Control: min-fresh=1']]) {
      const answer = await gate.ask(at(route), { fields })
      expect(linesOf(answer, 'content-disposition')).toEqual([value])
      expect(linesOf(answer, 'x-two').join(', ')).toBe(`${value}, b`)
      expect(linesOf(answer, 'x-other')).toEqual(['1'])
      hows.push(cached(answer))
    }
    expect(hows[0]).toContain('stored')
    expect(hows[1]).toContain('hit')
    const head = await gate.ask(at(route), { method: 'HEAD' })
    expect(linesOf(head, 'content-disposition')).toEqual([value])
    const unchanged = await gate.ask(at(route), { fields: ['If-None-Match: "1"'] })
    expect([unchanged?.status, linesOf(unchanged, 'content-disposition')]).toEqual([304, []])
  })

  it('outlives a revalidation that does not speak of it, and is replaced by one that does', async () => {
    const path = at('articles/stale')
    const whole = `${HEAD}Cache-Control: max-age=0\r\nETag: "1"\r\nContent-Disposition: ${value}\r\n\r\n0123456789`
    gate.answers.set(path, whole)
    await gate.ask(path)
    const head = 'HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=0\r\nETag: "1"\r\n'
    gate.answers.set(path, `${head}\r\n`)
    for (const time of ['once', 'twice']) {
      const confirmed = await gate.ask(path)
      expect(cached(confirmed), time).toContain('304')
      expect([confirmed?.status, linesOf(confirmed, 'content-disposition')]).toEqual([200, [value]])
    }
    for (const news of ['inline', `${value}; news`]) {
      gate.answers.set(path, `${head}Content-Disposition: ${news}\r\n\r\n`)
      expect(linesOf(await gate.ask(path), 'content-disposition')).toEqual([news])
      gate.answers.set(path, `${head}\r\n`)
      expect(linesOf(await gate.ask(path), 'content-disposition')).toEqual([news])
    }
  })
})

describe('a response with bytes in a field by which it would be judged', () => {
  it.each(['ETag: "\xe9"', 'Vary: X-\xe9', 'Cache-Control: max-age=60, x="\xe9"', 'Content-Type: text/\xe9'])(
    'is passed as it is, and not stored',
    async (field) => {
      const path = `/articles/judged-${field.slice(0, 4)}`
      const fresh = field.startsWith('Cache-Control') ? '' : 'Cache-Control: max-age=60\r\n'
      gate.answers.set(path, `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n${fresh}${field}\r\n\r\n0123456789`)
      const [name = '', value = ''] = field.split(': ')
      for (const time of ['once', 'twice']) {
        const answer = await gate.ask(path)
        expect([answer?.status, answer?.body], time).toEqual([200, '0123456789'])
        expect(cached(answer)).not.toMatch(/hit|stored/)
        if (name !== 'Cache-Control') expect(linesOf(answer, name.toLowerCase())).toEqual([value])
      }
    },
  )
})

describe('a variant', () => {
  it('selected by bytes that are no UTF-8 answers no request but its own', async () => {
    const path = '/articles/variant'
    const fields = 'Cache-Control: max-age=60\r\nVary: X-Tier\r\n'
    for (const tier of ['\xe8', '\xe9', '\xe8']) {
      gate.answers.set(path, `${HEAD}${fields}X-Told: ${tier}\r\n\r\n0123456789`)
      expect(linesOf(await gate.ask(path, { fields: [`X-Tier: ${tier}`] }), 'x-told')).toEqual([tier])
    }
  })
})

describe('a further part', () => {
  it('is no part of what has another tag, though both tags are shown as the same', async () => {
    const [path, account] = ['/metered/parts', 'a reader of parts']
    for (const tag of ['\xe8', '\xe9', '\xe9']) {
      const fields = `Content-Range: bytes 0-9/99\r\nETag: "${tag}"\r\nContent-Length: 10\r\n`
      gate.answers.set(path, `HTTP/1.1 206 Partial Content\r\n${fields}\r\n0123456789`)
      const answer = await gate.ask(path, { account, fields: ['Range: bytes=0-9'] })
      expect([answer?.status, linesOf(answer, 'etag')]).toEqual([206, [`"${tag}"`]])
    }
    // What cannot be read is never known to be the same.
    expect(await gate.used(account)).toBe('3')
  })
})
