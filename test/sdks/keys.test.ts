import { describe, expect, it } from 'vitest'
import { startForFile } from '../slow/startforfile.ts'
import { CLIENTS } from './clients.ts'
import { startModelGate } from './gate.ts'

const gate = await startForFile(startModelGate())
await gate.grant('account-7', '50')
const CREDENTIALS = {
  'a token of billing': await gate.token('account-7'),
  'a token as long as they come': await gate.token('account-7', { note: 'x'.repeat(600) }),
  'an API key': await gate.key('account-7'),
}

describe.each(Object.entries(CREDENTIALS))('%s, given as the key', (_what, credential) => {
  it.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])(
    'opens a model through %s, and stays at the gate',
    async (name) => {
      const from = gate.models.log.length
      await CLIENTS[name](gate.url, credential, 'demo-model')
      const calls = gate.models.log.slice(from)
      expect(calls.map(({ status }) => status)).toEqual([200])
      const sent = JSON.stringify(calls.map(({ fields, query, text }) => ({ fields, query, text })))
      expect(sent).not.toContain(credential)
      expect(sent).not.toContain(credential.slice(-40))
    },
  )
})
