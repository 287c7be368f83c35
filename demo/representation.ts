import { createHash } from 'node:crypto'

export type Content = {
  readonly text: string
  readonly type: string
  readonly lastModified: Date
  readonly cacheControl: string
}

/** A content as HTTP has it: validators, conditional requests (RFC 9110 §13) and a single range (§14). */
export function representation(request: Request, content: Content): Response {
  const bytes = Buffer.from(content.text)
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': content.cacheControl,
    'content-type': content.type,
    etag,
    'last-modified': content.lastModified.toUTCString(),
  })
  if (isUnchanged(request.headers, etag, content.lastModified)) return new Response(null, { status: 304, headers })
  const range = requestedRange(request, etag, bytes.length)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${bytes.length}`)
    return new Response(null, { status: 416, headers })
  }
  const [first, last] = range ?? [0, bytes.length - 1]
  headers.set('content-length', String(last - first + 1))
  if (range !== undefined) headers.set('content-range', `bytes ${first}-${last}/${bytes.length}`)
  return new Response(bytes.subarray(first, last + 1), { status: range === undefined ? 200 : 206, headers })
}

/** `If-None-Match` compares weakly and, where present, is the only one that counts (RFC 9110 §13.1.3). */
function isUnchanged(headers: Headers, etag: string, lastModified: Date): boolean {
  const noneMatch = headers.get('if-none-match')
  if (noneMatch !== null) {
    const tags = noneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return tags.includes(etag) || tags.includes('*')
  }
  const since = Date.parse(headers.get('if-modified-since') ?? '')
  return !Number.isNaN(since) && Math.floor(lastModified.getTime() / 1000) <= Math.floor(since / 1000)
}

type Range = readonly [first: number, last: number]

/** Several ranges, and what is not a range of bytes, are ignored, as RFC 9110 §14.2 allows. */
function requestedRange(request: Request, etag: string, length: number): Range | 'unsatisfiable' | undefined {
  if (request.method !== 'GET') return undefined
  const ifRange = request.headers.get('if-range')
  if (ifRange !== null && ifRange !== etag) return undefined
  const found = /^bytes=(\d*)-(\d*)$/i.exec(request.headers.get('range')?.trim() ?? '')
  if (found === null) return undefined
  const [, from = '', to = ''] = found
  if (from === '' && to === '') return undefined
  if (from === '') return Number(to) === 0 ? 'unsatisfiable' : [Math.max(0, length - Number(to)), length - 1]
  if (to !== '' && Number(to) < Number(from)) return undefined
  if (Number(from) >= length) return 'unsatisfiable'
  return [Number(from), to === '' ? length - 1 : Math.min(Number(to), length - 1)]
}
