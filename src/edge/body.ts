import { joinBytes } from '../core/bytes.ts'
import { err, ok, type Result } from '../core/result.ts'

/** `media-type` and `coding`: in what form a body is expected. */
export type TextFault = 'media-type' | 'coding' | 'too-large' | 'not-text'
export type BodyFault = Exclude<TextFault, 'not-text'> | 'not-json'

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/** Reads a body of JSON in UTF-8 that is no longer than so many bytes, and no more of it than that. */
export async function readJson(request: Request, maxBytes: number): Promise<Result<unknown, BodyFault>> {
  const text = await readText(request, JSON_TYPE, maxBytes)
  if (!text.ok) return err(text.error === 'not-text' ? 'not-json' : text.error)
  try {
    return ok(JSON.parse(text.value))
  } catch {
    return err('not-json')
  }
}

/** The same for any text whose media type is of this form. */
export async function readText(request: Request, type: RegExp, maxBytes: number): Promise<Result<string, TextFault>> {
  const { headers, body } = request
  if (!type.test(headers.get('content-type') ?? '')) return err('media-type')
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return err('coding')
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return err('too-large')
  const bytes = await readBytes(body, maxBytes)
  if (!bytes.ok) return err(bytes.error === 'too-large' ? bytes.error : 'not-text')
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes.value))
  } catch {
    return err('not-text')
  }
}

type Body = ReadableStream<Uint8Array> | null

/** All of a body, if it has no more than so many bytes. `broken`: its sender ended it before its end. */
export async function readBytes(
  body: Body,
  maxBytes: number,
): Promise<Result<Uint8Array<ArrayBuffer>, 'too-large' | 'broken'>> {
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
  return ok(joinBytes(chunks))
}
