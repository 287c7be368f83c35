import { describe, expect, it } from 'vitest'
import { fieldOf } from '../attacks/wire.ts'
import { startWireGate } from './gate.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startWireGate())

describe('a redirect to the server itself', () => {
  it.each(['http://AUTHORITY/x', '//AUTHORITY/x', 'HTTP://me@AUTHORITY/x', 'http:\\\\AUTHORITY\\x', '\\\\AUTHORITY/x'])(
    'spelt %s leads to the gate',
    async (spelling) => {
      const { host } = new URL(gate.origin)
      for (const route of ['articles', 'off', 'free']) {
        const path = `/${route}/${encodeURIComponent(spelling.replaceAll(/[^a-z]/gi, '-'))}`
        const location = spelling.replace('AUTHORITY', host)
        gate.answers.set(path, `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`)
        const answer = await gate.ask(path)
        expect(answer?.status).toBe(302)
        expect(answer?.head).not.toContain(host)
        expect(answer && fieldOf(answer, 'location')).toBe('/x')
      }
    },
  )
})
