import { err, ok, type Result } from '../core/result.ts'

/** `media-type` and `coding`: in what form a body is expected. */
export type BodyFault = 'media-type' | 'coding' | 'too-large' | 'not-json'

/** Reads a body of JSON in UTF-8 that is no longer than so many bytes, and no more of it than that. */
export async function readJson(request: Request, maxBytes: number): Promise<Result<unknown, BodyFault>> {
  const { headers, body } = request
  if (!/^application\/json[ \t]*(?:;|$)/i.test(headers.get('content-type') ?? '')) return err('media-type')
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return err('coding')
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return err('too-large')
  const text = await readText(body, maxBytes)
  if (!text.ok) return text
  try {
    return ok(JSON.parse(text.value))
  } catch {
    return err('not-json')
  }
}

async function readText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Result<string, BodyFault>> {
  if (body === null) return ok('')
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) return err('too-large')
      text += decoder.decode(chunk, { stream: true })
    }
    return ok(text + decoder.decode())
  } catch {
    return err('not-json')
  }
}
