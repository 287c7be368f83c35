/**
 * Reads what a request to Gemini holds and what it only points at.
 *
 * Its servers read Protocol Buffers from JSON, so every member has two spellings, `inlineData` and `inline_data`, which the gate takes
 * for one; the parser of requests refuses an object that has both. Parts lie in messages, in instructions and in what functions
 * returned. They are told by their own members, wherever they are.
 */
import type { Json, JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { imageSize } from '../llm/rules/media.ts'
import type { Media } from '../llm/rules/request.ts'
import { JsonWalk } from './jsonwalk.ts'
import { keptElsewhere, malformed, notSold, objectFrom } from './members.ts'
import { textLength } from './textlength.ts'

/** The facts that follow from the content of a request alone. */
export interface GeminiContent {
  readonly bytes: number
  readonly media: readonly Media[]
  readonly indirect: string | undefined
  readonly fault: Refusal | undefined
}

/** Returns the spelling of a name in the documentation: `inlineData` for `inline_data`. */
export function camelCase(name: string): string {
  return name.includes('_')
    ? name.replaceAll(/(?<=[a-z\d])_([a-z\d])/gi, (_, next: string) => next.toUpperCase())
    : name
}

/** Returns an object with its names as the documentation spells them. */
export function inCamelCase(object: JsonMembers): JsonMembers {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [camelCase(name), value]))
}

/** Reads a request's content. The depth of the request is bounded by the parser of requests. */
export function readGeminiContent(body: JsonMembers): GeminiContent {
  const walk = new Walk()
  walk.value(body)
  return walk
}

/** Members whose value a client's own program defines. */
const FREE = new Set(
  'args response parameters parametersJsonSchema responseSchema responseJsonSchema _responseJsonSchema partMetadata'.split(
    ' ',
  ),
)
/** Members that name what is kept at the provider, or at Google for the operator. */
const KEPT = new Set('cachedContent fileSearchStoreNames fileName ragStoreConfig datastore'.split(' '))

class Walk extends JsonWalk implements GeminiContent {
  readonly media: Media[] = []
  indirect: string | undefined
  fault: Refusal | undefined

  protected override object(object: JsonMembers, isFree: boolean): void {
    const names = Object.keys(object)
    this.bytes += 1 + Math.max(1, names.length)
    for (const name of names) {
      this.bytes += textLength(name) + 3
      const value = object[name] ?? null
      if (isFree || value === null) this.value(value, isFree)
      else this.#member(camelCase(name), value)
    }
  }

  #member(name: string, value: Json): void {
    if (KEPT.has(name) && value !== '') this.#refuse(keptAtProvider(name))
    if (name === 'continuationToken') this.indirect ??= name
    const object = objectFrom(value)
    if (name === 'inlineData' && object !== undefined) return this.#inline(inCamelCase(object))
    if (name === 'fileData' && object !== undefined) this.#file(inCamelCase(object)['fileUri'])
    this.value(value, FREE.has(name))
  }

  #inline({ data = '', mimeType, ...rest }: JsonMembers): void {
    if (typeof data !== 'string') return this.#refuse(malformed('"inlineData" has to have its data as a string'))
    const type = typeof mimeType === 'string' ? mimeType.toLowerCase() : ''
    if (type.startsWith('text/')) this.value(data)
    else if (type.startsWith('image/') && !type.startsWith('image/svg'))
      this.media.push({ kind: 'image', size: imageSize(data) })
    else this.media.push({ kind: MEDIA.find((kind) => type.startsWith(`${kind}/`)) ?? 'document' })
    this.value(rest)
  }

  /** What lies at Google is the operator's; what lies elsewhere anyone may have. */
  #file(uri: Json | undefined): void {
    const host =
      typeof uri === 'string' ? /^https:\/\/([a-z\d.-]+)(?:[/?#]|$)/i.exec(uri)?.[1]?.toLowerCase() : undefined
    if (host === undefined || isOfGoogle(host)) this.#refuse(keptAtProvider('fileUri'))
    this.indirect ??= 'fileData'
  }

  #refuse(fault: Refusal): void {
    this.fault ??= fault
  }
}

const MEDIA = ['audio', 'video'] as const

function keptAtProvider(name: string): Refusal {
  return notSold(`"${name}" ${keptElsewhere}`)
}

/** Returns true for a host of Google's, where files of the operator may lie. In lower case. */
export function isOfGoogle(host: string): boolean {
  return /(?:^|\.)(?:googleapis|google)\.com\.?(?::\d+)?$/.test(host)
}
