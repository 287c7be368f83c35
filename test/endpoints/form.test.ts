import { describe, expect, it } from 'vitest'
import { readForm } from '../../src/endpoints/form.ts'
import { createBodies } from '../../src/http/body.ts'

const TERMS = { maxBytes: 64, mostMs: 5000, isAnonymous: true }
const NOT_OURS = { status: 400, title: 'Bad Request', detail: 'Not ours.' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const makeRoom = createBodies(() => Date.now())

function read(body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string>) {
  const request = new Request('https://a.example/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
  return readForm(request, TERMS, { makeRoom }, NOT_OURS)
}

/** A body without a length, as one that is sent in chunks. */
function chunked(text: string): ReadableStream {
  return new Blob([text]).stream()
}

describe('The form of a page', () => {
  it.each([
    ['says that it is longer than the limit', 'a=1', { ...FORM, 'content-length': '65' }, 413, 'content-too-large'],
    ['proves to be longer than the limit', chunked('a'.repeat(65)), FORM, 413, 'content-too-large'],
    ['is compressed', 'a=1', { ...FORM, 'content-encoding': 'gzip' }, 415, 'content-encoding-unsupported'],
    ['is no form', 'a=1', { 'content-type': 'text/plain' }, 400, undefined],
    ['is not text', new Uint8Array([0xff]), FORM, 400, undefined],
  ])('that %s is refused with the status of its reason', async (_what, body, headers, status, reason) => {
    const refused = await read(body, headers)
    expect(refused.ok ? undefined : [refused.error.status, refused.error.reason]).toEqual([status, reason])
  })

  it('that is as long as the limit is read', async () => {
    const form = await read(`a=${'1'.repeat(62)}`, FORM)
    expect(form.ok && form.value.get('a')).toBe('1'.repeat(62))
  })
})
