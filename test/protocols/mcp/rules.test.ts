import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/core/canonicaljson.ts'
import type { Json } from '../../../src/core/json.ts'
import { readUpTo } from '../../../src/http/readupto.ts'
import { type BindingKeys, bindName, isBound, readName } from '../../../src/protocols/mcp/rules/bound.ts'
import { challengesIn, objectIn } from '../../../src/protocols/mcp/rules/challenges.ts'
import { liftCredentials } from '../../../src/protocols/mcp/rules/credentials.ts'
import { EventIds } from '../../../src/protocols/mcp/rules/eventids.ts'
import { readMessage } from '../../../src/protocols/mcp/rules/message.ts'

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text))
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)

/** A stream of events, cut at these places, with its ids changed. */
function changed(text: string, cuts: readonly number[] = []): string {
  const bytes = bytesOf(text)
  const ids = new EventIds((id) => `<${id}>`)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length]
  const out = places.slice(1).map((end, index) => textOf(ids.take(bytes.slice(places[index], end))))
  return [...out, textOf(ids.end())].join('')
}

describe('the ids of events', () => {
  it.each([
    ['id: 7\ndata: x\n\n', 'id: <7>\ndata: x\n\n'],
    ['id:7\r\ndata: id: 8\r\n\r\n', 'id: <7>\r\ndata: id: 8\r\n\r\n'],
    ['id\ndata: x\n\n', 'id\ndata: x\n\n'],
    ['id: \ndata: x\n\n', 'id: \ndata: x\n\n'],
    ['identity: 7\nid : 7\n id: 7\nID: 7\n\n', 'identity: 7\nid : 7\n id: 7\nID: 7\n\n'],
    ['data: x\rid: é 7\r\r', 'data: x\rid: <é 7>\r\r'],
    [': ping\n\nid:  7\n\n', ': ping\n\nid: < 7>\n\n'],
    [`id: ${'x'.repeat(5000)}\ndata: y\n\n`, ':\ndata: y\n\n'],
    ['data: x', 'data: x'],
    ['id: 7', 'id: 7'],
  ])('of %j are changed, and nothing else is', (text, expected) => {
    expect(changed(text)).toBe(expected)
  })

  it('are the same wherever the stream is cut', () => {
    const line = fc.constantFrom('id: 7', 'id:', 'id', 'i', 'data: id: 7', ':', '', 'id: ü', 'idx', 'retry: 1')
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 12 })
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 6 }), (lines, cuts) => {
        const text = lines.map((parts) => parts.join('')).join('')
        // A character that is cut in two would be decoded as two.
        fc.pre(!/[^\0-\x7f]/.test(text) || cuts.length === 0)
        expect(changed(text, cuts)).toBe(changed(text))
      }),
    )
  })
})

const key = (generation: number) => ({ generation, bytes: new Uint8Array(32).fill(generation) })
const keysOf = (...generations: number[]): BindingKeys => ({
  newest: () => key(generations[0] ?? 0),
  of: (generation) => (generations.includes(generation) ? key(generation) : undefined),
})

describe('a name that is bound', () => {
  it('is good for its binding alone', () => {
    const binding = fc.array(fc.oneof(fc.string(), fc.constant(null)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), binding, binding, (id, mine, yours) => {
        const name = readName(bindName(id, mine, keysOf(1)))
        expect(name?.id).toBe(id)
        expect(name && isBound(name, mine, keysOf(1))).toBe(true)
        expect(name && isBound(name, yours, keysOf(1))).toBe(JSON.stringify(mine) === JSON.stringify(yours))
      }),
    )
  })

  it('outlives a new generation of its key, and not the end of its own', () => {
    const name = readName(bindName('s', ['a'], keysOf(1)))
    expect(name && isBound(name, ['a'], keysOf(2, 1))).toBe(true)
    expect(name && isBound(name, ['a'], keysOf(2))).toBe(false)
    expect(bindName('s', ['a'], keysOf(2, 1))).toMatch(/^2\./)
  })
})

describe('a credential in a message', () => {
  const challenge = {
    id: 'c',
    realm: 'r',
    method: 'm',
    intent: 'charge',
    request: { b: [1, 'é'], a: { z: 1, y: null } },
  }
  const paid = (more: object = {}) => ({ challenge: { ...challenge, ...more }, payload: { p: 1 } })
  const fieldsOf = (message: object, hasAuthorization = false) => {
    const lifted = liftCredentials(message as never, hasAuthorization)
    return lifted.ok ? lifted.value.fields : lifted.error
  }
  const read = (field: string) => objectIn(field.replace(/^Payment /, ''))

  it('has the request of its challenge in canonical form, as over HTTP', () => {
    const [[name, value] = []] = fieldsOf({ params: { _meta: { 'org.paymentauth/credential': paid() } } }) as [
      string,
      string,
    ][]
    expect(name).toBe('Authorization')
    const { challenge: written, payload } = read(value ?? '') as { challenge: { request: string }; payload: object }
    expect(payload).toEqual({ p: 1 })
    expect(
      textOf(Uint8Array.from(atob(written.request.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))),
    ).toBe('{"a":{"y":null,"z":1},"b":[1,"é"]}')
  })

  it.each([
    ['the field that its challenge names', { header: 'Payment-Authorization' }, false],
    ['the other field, if a token has the first', {}, true],
  ])('goes to %s', (_name, more, hasAuthorization) => {
    const message = { _meta: { 'org.paymentauth/credential': paid(more) } }
    expect(fieldsOf(message, hasAuthorization)).toMatchObject([['Payment-Authorization', expect.any(String)]])
  })

  it.each([
    [2, 'PAYMENT-SIGNATURE'],
    [1, 'X-PAYMENT'],
  ])('of x402 in version %i goes to %s', (x402Version, name) => {
    const payment = { x402Version, payload: { nonce: '??>>' } }
    const fields = fieldsOf({ params: { _meta: { 'x402/payment': payment } } }) as [string, string][]
    expect(fields[0]?.[0]).toBe(name)
    expect(JSON.parse(atob(fields[0]?.[1] ?? ''))).toEqual(payment)
  })

  it.each([
    ['several', { _meta: { 'x402/payment': {} }, params: { _meta: { 'x402/payment': {} } } }],
    ['malformed', { _meta: { 'x402/payment': [] } }],
    ['malformed', { _meta: { 'org.paymentauth/credential': { challenge: { request: 'e30' } } } }],
    ['malformed', { _meta: { 'x402/payment': { x402Version: 2, payload: 'x'.repeat(20_000) } } }],
  ])('is refused as %s', (fault, message) => {
    expect(fieldsOf(message)).toBe(fault)
  })
})

describe('challenges', () => {
  it('are read from their fields, those of other schemes are not', () => {
    const request = btoa('{"amount":"75"}').replaceAll('=', '')
    const fields = [
      ['WWW-Authenticate', 'Bearer realm="r", scope="a"'],
      ['WWW-Authenticate', `Payment id="a\\"b", realm="r", method="stripe", intent="charge", request="${request}"`],
      ['WWW-Authenticate', 'Payment id="x", request="no JSON"'],
      ['Payment-Required', btoa('{"x402Version":2}')],
    ] as const
    expect(challengesIn(fields)).toEqual({
      challenges: [{ id: 'a"b', realm: 'r', method: 'stripe', intent: 'charge', request: { amount: '75' } }],
      x402: { x402Version: 2 },
    })
    expect(challengesIn([])).toEqual({ challenges: [], x402: undefined })
  })
})

describe('canonical JSON', () => {
  it('is the same for the same value, in whatever order its members come', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json)
        const copy = JSON.parse(JSON.stringify(value)) as Json
        expect(canonicalJson(reversed(copy))).toBe(text)
        expect(JSON.parse(text)).toEqual(copy)
      }),
    )
  })
})

function reversed(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item))
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, reversed(member)] as const)
      .toReversed(),
  )
}

describe('a message', () => {
  it('never throws, whatever its bytes are', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '"',
      'method',
      'params',
      ':',
      ',',
      '[',
      ']',
      '"id"',
      '1',
      '_meta',
      '\\u00',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.uint8Array({ maxLength: 8 }), (pieces, bytes) => {
        expect(readMessage(bytesOf(pieces.join(''))).ok).toBe(false)
        expect(readMessage(bytes).ok).toBe(false)
      }),
    )
  })

  it.each([
    [
      { jsonrpc: '2.0', id: 'a"b', method: 'ping' },
      { kind: 'request', id: '"a\\"b"', method: 'ping', params: {} },
    ],
    [
      { jsonrpc: '2.0', method: 'notifications/x' },
      { kind: 'notification', method: 'notifications/x', params: {} },
    ],
    [{ jsonrpc: '2.0', id: 1, result: { URL: 1, url: 2 } }, { kind: 'response' }],
    [{ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }, { kind: 'response' }],
  ])('is read: %j', (members, message) => {
    expect(readMessage(bytesOf(JSON.stringify(members)))).toMatchObject({ ok: true, value: { message } })
  })

  it.each([
    { jsonrpc: '2.0', id: 1 },
    { jsonrpc: '2.0', id: 1, result: {}, error: {} },
    { jsonrpc: '2.0', result: {} },
    { jsonrpc: '2.0', id: 1, method: 'x', result: {} },
    { jsonrpc: '2.0', id: 1.5, method: 'x' },
    { jsonrpc: '2.0', id: 'x'.repeat(300), method: 'x' },
    { jsonrpc: '2.0', id: 1, method: 'x', more: 1 },
  ])('is refused: %j', (members) => {
    expect(readMessage(bytesOf(JSON.stringify(members))).ok).toBe(false)
  })
})

describe('a body that is read up to a length', () => {
  const bodyOf = (pieces: readonly string[]) => new Response(new Blob([...pieces])).body ?? expect.fail()

  it('is there as a whole, or still to be sent as a whole', async () => {
    const short = await readUpTo(bodyOf(['ab', 'c']), 3)
    expect(short.bytes && textOf(short.bytes)).toBe('abc')
    const long = await readUpTo(bodyOf(['ab', 'cd']), 3)
    expect(long.bytes).toBeUndefined()
    expect(await new Response(long.body).text()).toBe('abcd')
  })
})
