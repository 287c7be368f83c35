import { parseDictionary } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { capture } from '../../../src/http/capture.ts'
import { signatureBase } from '../../../src/rails/crawl/rules/base.ts'
import { agentKeysIn, isTestKey } from '../../../src/rails/crawl/rules/keys.ts'
import { type Component, readSignatures, untimely } from '../../../src/rails/crawl/rules/signatures.ts'
import { isSignedBy } from '../../../src/rails/crawl/verify.ts'
import vectors from './vectors.json' with { type: 'json' }

const exchangeOf = (url: string, fields: Record<string, string>, method = 'GET') =>
  capture(new Request(url, { method, headers: fields }), 0)

const keysOf = (name: string) => {
  const keys = agentKeysIn({ keys: [vectors.keys[name as keyof typeof vectors.keys]] })
  const [found] = keys?.values() ?? []
  if (found === undefined) throw new Error('no key')
  return found
}

describe('the vectors of draft-meunier-webbotauth-httpsig-protocol-02', () => {
  it.each(vectors.draft)('$name: the base is the same, and the signature verifies', async ({ key, base, fields }) => {
    const exchange = exchangeOf('https://example.com/path/to/resource', fields)
    const read = readSignatures(exchange.fields)
    if (read?.ok !== true) throw new Error(read?.error)
    const [signature] = read.value
    if (signature === undefined) throw new Error('no signature')
    expect(signature.agent).toEqual({
      discovery: 'directory',
      identity: 'https://signature-agent.test',
      url: 'https://signature-agent.test/.well-known/http-message-signatures-directory',
    })
    const made = signatureBase(signature, exchange)
    expect(made).toEqual({ ok: true, value: base })
    const [thumbprint] = agentKeysIn({ keys: [keysOf(key).jwk] })?.keys() ?? []
    expect(thumbprint).toBe(signature.keyid)
    expect(isTestKey(signature.keyid)).toBe(true)
    expect(await isSignedBy(signature, base, keysOf(key))).toBe(true)
    expect(await isSignedBy(signature, `${base} `, keysOf(key))).toBe(false)
  })

  it('those of the string form are valid for their hour alone, and those of a century never', () => {
    const times = vectors.draft.map(({ fields }) => {
      const read = readSignatures(new Headers(fields))
      if (read?.ok !== true || read.value[0] === undefined) throw new Error('not read')
      const [first] = read.value
      const { created } = first
      return [-31, 0, 3599, 3600].map((after) => untimely(first, (created + after) * 1000) === undefined)
    })
    expect(times).toEqual([
      [false, false, false, false],
      [false, true, true, false],
      [false, false, false, false],
      [false, true, true, false],
    ])
  })
})

describe('the vectors of RFC 9421, appendix B', () => {
  it.each(vectors.rfc)('$name verifies over the base made here', async ({ key, input, signature }) => {
    const { method, url, fields } = vectors.request
    const [member] = parseDictionary(input).values()
    if (member === undefined || !Array.isArray(member[0])) throw new Error('no list')
    const components = member[0].map(
      ([name, parameters]): Component => [typeof name === 'string' ? name : '', parameters],
    )
    const base = signatureBase({ components, parameters: member[1] }, exchangeOf(url, fields, method))
    if (!base.ok) throw new Error(base.error)
    const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0))
    expect(await isSignedBy({ bytes, algorithm: undefined }, base.value, keysOf(key))).toBe(true)
  })
})
