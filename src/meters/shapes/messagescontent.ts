/**
 * Reads what a Messages request holds and what it only points at.
 *
 * Blocks lie in messages, in the system prompt, in results of tools and in documents, to any depth. So they are told by their own
 * members, wherever they are, and not by their place. What a client's own program defines (the schema and the input of a tool) is text,
 * whatever its names.
 */
import type { Json, JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { imageSize } from '../llm/rules/media.ts'
import type { Media } from '../llm/rules/request.ts'
import { JsonWalk } from './jsonwalk.ts'
import { keptElsewhere, malformed, notSold, objectFrom, textFrom } from './members.ts'
import { textLength } from './textlength.ts'

/** The facts that follow from the content of a request alone. */
export interface MessagesContent {
  readonly bytes: number
  readonly media: readonly Media[]
  readonly indirect: string | undefined
  readonly writesLongCache: boolean
  /** The tools that are declared on the way, in blocks of messages. */
  readonly tools: readonly JsonMembers[]
  readonly fault: Refusal | undefined
}

/** Members that name what is kept at the provider. */
const KEPT = new Set(['file_id', 'container', 'container_id', 'skill_id', 'previous_message_id'])
/** Members whose value a client's own program defines, or the model wrote for it. */
const FREE = new Set(['input_schema', 'input_examples', 'input', 'schema'])
/** Members that hold what only the provider can read. */
const SEALED = new Set(['encrypted_content', 'encrypted_stdout'])
/** Data in bytes that are no text, by the type of their block. */
const MEDIA: Readonly<Record<string, Media['kind']>> = { image: 'image', document: 'document' }

/** Reads a request's content. The depth of the request is bounded by the parser of requests. */
export function readMessagesContent(body: JsonMembers): MessagesContent {
  const walk = new Walk()
  walk.value(body)
  return walk
}

class Walk extends JsonWalk implements MessagesContent {
  readonly media: Media[] = []
  indirect: string | undefined
  writesLongCache = false
  readonly tools: JsonMembers[] = []
  fault: Refusal | undefined

  protected override object(object: JsonMembers, isFree: boolean): void {
    const names = Object.keys(object)
    const type = textFrom(object['type'])
    const defined = !isFree && type === 'tool_definition' ? objectFrom(object['definition']) : undefined
    if (defined !== undefined) this.tools.push(defined)
    this.bytes += 1 + Math.max(1, names.length)
    for (const name of names) {
      this.bytes += textLength(name) + 3
      const value = object[name] ?? null
      if (isFree || value === null) this.value(value, isFree)
      else this.#member(name, value, type)
    }
  }

  #member(name: string, value: Json, type: string | undefined): void {
    if (KEPT.has(name)) this.#refuse(keptAtProvider(name))
    if (name === 'ttl' && value !== '5m') this.writesLongCache = true
    if (SEALED.has(name)) this.indirect ??= name // it may be compressed
    const source = name === 'source' ? objectFrom(value) : undefined
    if (source === undefined) this.value(value, FREE.has(name))
    else this.#source(source, type)
  }

  #source(source: JsonMembers, blockType: string | undefined): void {
    const type = source['type']
    if (type === 'base64') return this.#media(source, blockType)
    if (type === 'file') this.#refuse(keptAtProvider('file'))
    else if (type === 'url') this.indirect ??= type
    else if (type !== 'text' && type !== 'content') this.#refuse(notSold('A source of that type cannot be metered'))
    this.value(source)
  }

  #media({ data, ...rest }: JsonMembers, blockType = ''): void {
    const kind = MEDIA[blockType]
    if (typeof data !== 'string' || kind === undefined)
      this.#refuse(malformed('Data in base64 have to be those of an image or a document'))
    else this.media.push(kind === 'image' ? { kind, size: imageSize(data) } : { kind })
    this.value(rest)
  }

  #refuse(fault: Refusal): void {
    this.fault ??= fault
  }
}

function keptAtProvider(name: string): Refusal {
  return notSold(`"${name}" ${keptElsewhere}`)
}
