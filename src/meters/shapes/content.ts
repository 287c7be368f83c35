/**
 * Reads what a request holds and what it only points at.
 *
 * Text is bounded by its bytes, inline media by what their headers say. What a request points at (a file at the provider, a
 * picture at a URL) is bounded by nothing but the model's own limit; and what is kept at the provider belongs to all who share
 * the operator's key there, so it is refused.
 *
 * The content of requests is looked at by the names of its members, wherever they are, since messages, tool results and
 * screenshots all may have parts. What a client's own program defines (the schema of a tool) is text, whatever its names.
 */
import type { Json, JsonMembers } from '../../core/json.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Refusal } from '../../core/problem.ts'
import { imageSize } from '../llm/rules/media.ts'
import type { InputFacts, Media } from '../llm/rules/request.ts'
import { isList, JsonWalk } from './jsonwalk.ts'
import { keptElsewhere, malformed, notSold, objectFrom } from './members.ts'
import { textLength, utf8Length } from './textlength.ts'

/** What a request may point at. */
export interface ContentRules {
  /** Returns true if the provider may be asked to fetch from a host: in lower case, with the port if the URL has one. Default: all. */
  mayFetch?(host: string): boolean
  /** The most tokens that a server's own template adds to a request beside what tools cost. Default 0: the envelope of JSON is longer. */
  readonly templateTokens?: number
}

/** The part of `InputFacts` that follows from content alone. */
export type ContentFacts = Pick<InputFacts, 'bytes' | 'media' | 'indirect'>

/** Members that name what is kept at the provider, beside those of whose value that depends. */
const STATE = new Set(
  `file_id file_ids container container_id vector_store_ids library_ids tunnel_id skill_id previous_response_id conversation
  comparison_response_id`.split(/\s+/),
)
/** Members whose value a client's own program defines. */
const FREE = new Set(
  'annotations arguments chat_template_kwargs input_schema json_schema logit_bias metadata output_schema parameters schema'.split(
    ' ',
  ),
)
/** Members with a URL, or an object with one, by the kind of what is there. */
const URLS: ReadonlyMap<string, Media['kind']> = new Map([
  ['image_url', 'image'],
  ['video_url', 'video'],
  ['audio_url', 'audio'],
  ['input_audio', 'audio'],
  ['file_url', 'document'],
  ['document_url', 'document'],
  ['file_data', 'document'],
])
/** Members of `URLS` whose text is the data itself, if it is no URL. */
const DATA = new Set(['input_audio', 'file_data'])

/** A URL of which every parser reads the same host: no user, backslash or character beyond ASCII. */
const PLAIN_URL = /^https?:\/\/([a-z0-9.-]+(?::\d+)?)(?:[/?#][\x21-\x5b\x5d-\x7e]*)?$/i

/**
 * Reads the content of a request. Errors: `not-for-sale`, for what is kept at the provider and for hosts that may not be fetched
 * from; `request-malformed`, for other URLs than http, https and data.
 */
export function contentIn(body: JsonMembers, rules: ContentRules = {}): Result<ContentFacts, Refusal> {
  const walk = new Walk(rules)
  walk.request(body)
  return walk.fault === undefined
    ? ok({ bytes: walk.bytes + (rules.templateTokens ?? 0), media: walk.media, indirect: walk.indirect })
    : err(walk.fault)
}

/** One walk over a request. Its depth is bounded by the parser of requests. */
class Walk extends JsonWalk {
  readonly #rules: ContentRules
  readonly media: Media[] = []
  indirect: string | undefined
  fault: Refusal | undefined
  #isContent = false

  constructor(rules: ContentRules) {
    super()
    this.#rules = rules
  }

  /** Walks over a request. Media are looked for only where messages are: elsewhere a text is text, even if it looks like a picture. */
  request(body: JsonMembers): void {
    this.bytes += 1 + Math.max(1, Object.keys(body).length)
    for (const name of Object.keys(body)) {
      this.#isContent = name === 'messages' || name === 'input'
      this.#named(name, body, false)
    }
  }

  protected override object(object: JsonMembers, isFree: boolean): void {
    const names = Object.keys(object)
    this.bytes += 1 + Math.max(1, names.length)
    for (const name of names) this.#named(name, object, isFree)
  }

  #named(name: string, object: JsonMembers, isFree: boolean): void {
    this.bytes += textLength(name) + 3
    const value = object[name] ?? null
    if (isFree || value === null) this.value(value, isFree)
    else this.#member(name, value, object)
  }

  #member(name: string, value: Json, object: JsonMembers): void {
    if (STATE.has(name) || isKept(name, value, object)) this.#refuse(kept(name))
    if (name === 'chat_template_kwargs') this.#checkTemplate(value)
    const kind = this.#isContent ? URLS.get(name) : undefined
    if (kind !== undefined) this.#located(name, kind, value)
    else if (name === 'encrypted_content') this.#encrypted(value)
    else if (name === 'result' && object['type'] === 'image_generation_call') this.#located('file_data', 'image', value)
    else this.value(value, FREE.has(name))
  }

  /** Reads `"…"`, `{"url": "…"}` and `{"data": "…"}`. */
  #located(name: string, kind: Media['kind'], value: Json): void {
    if (typeof value === 'string') return this.#text(value, kind, DATA.has(name))
    const object = objectFrom(value)
    if (object === undefined) return this.value(value)
    for (const [inner, text] of Object.entries(object)) {
      const isText = typeof text === 'string' && (inner === 'url' || inner === 'data')
      if (isText) this.#text(text, kind, inner === 'data')
      else this.#member(inner, text, object)
    }
  }

  #text(text: string, kind: Media['kind'], isData: boolean): void {
    const data = /^data:([^;,]*)(?:;[^,]*)?,/i.exec(text.slice(0, 256))
    if (data !== null) this.media.push(mediaIn(text, data[0].length, kind === 'image' ? kindOf(data[1] ?? '') : kind))
    else if (/^https?:\/\//i.test(text)) this.#fetched(text, kind)
    else if (isData) this.media.push(mediaIn(text, 0, kind))
    else if (text !== '') this.#refuse(malformed('A URL in the request is neither http, https nor data'))
  }

  #fetched(text: string, kind: Media['kind']): void {
    this.bytes += utf8Length(text)
    this.indirect ??= `${kind}_url`
    if (this.#rules.mayFetch === undefined) return
    const host = PLAIN_URL.exec(text)?.[1]?.toLowerCase()
    if (host === undefined || !this.#rules.mayFetch(host))
      this.#refuse(notSold('Media are not fetched from that URL: send them inline'))
  }

  /** What is sealed may be longer than its seal shows: it could be compressed. So it counts as a document does. */
  #encrypted(value: Json): void {
    this.media.push({ kind: 'document' })
    this.value(value)
  }

  /** Older servers take their very template from there (vLLM, CVE-2025-61620): it could write any prompt. */
  #checkTemplate(value: Json): void {
    const names = Object.keys(objectFrom(value) ?? {}).map((name) => name.toLowerCase().replaceAll('_', ''))
    if (names.some((name) => name.startsWith('chattemplate') || name === 'tokenize'))
      this.#refuse(notSold("A template of one's own is not sold here: nothing would bound what it writes"))
  }

  #refuse(fault: Refusal): void {
    this.fault ??= fault
  }
}

const SHORT_CACHE = '30m'

/** Returns true if any part of a request asks for a cache entry of hours: breakpoints have a `ttl` of their own. */
export function asksLongCache(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (isList(value)) return value.some(asksLongCache)
  return Object.entries(value).some(([name, inner]) => {
    if (name === 'ttl') return inner !== null && inner !== SHORT_CACHE
    return !FREE.has(name) && asksLongCache(inner)
  })
}

/** Returns true if an object names another by its id: an item of an earlier answer, the sound of one, a voice, a connector. */
function isKept(name: string, value: Json, object: JsonMembers): boolean {
  if (name === 'audio' || name === 'voice') return objectFrom(value)?.['id'] !== undefined
  if (name === 'type') return value === 'item_reference' || value === 'connector'
  // A connector of the provider's own is used with the caller's authorization (OpenAI).
  if (name === 'connector_id') return typeof object['authorization'] !== 'string'
  return name === 'id' && Object.keys(object).length === 1
}

function kept(name: string): Refusal {
  return notSold(`"${name}" ${keptElsewhere}`)
}

const KINDS: readonly (readonly [string, Media['kind']])[] = [
  ['audio/', 'audio'],
  ['video/', 'video'],
  ['application/pdf', 'document'],
]

/** Returns what is in place of a picture. What is sent as a file or as sound is that, whatever its type says. */
function kindOf(type: string): Media['kind'] {
  return KINDS.find(([prefix]) => type.toLowerCase().startsWith(prefix))?.[1] ?? 'image'
}

function mediaIn(text: string, from: number, kind: Media['kind']): Media {
  return kind === 'image' ? { kind, size: imageSize(text, from) } : { kind }
}
