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
  const bytes = await readBytes(body, maxBytes)
  if (!bytes.ok) return err(bytes.error === 'too-large' ? 'too-large' : 'not-json')
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes.value))
  } catch {
    return err('not-json')
  }
}

/** A body as it was sent, where it is no longer than so many bytes. `broken`: it did not come whole. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Result<Uint8Array, 'too-large' | 'broken'>> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body ?? []) {
      length += chunk.byteLength
      if (length > maxBytes) return err('too-large')
      chunks.push(chunk)
    }
  } catch {
    return err('broken')
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return ok(whole)
}
