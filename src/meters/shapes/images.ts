import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi, UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { TokenUsage } from '../llm/rules/tokenusage.ts'
import { contentIn } from './content.ts'
import { commonEdits } from './edits.ts'
import { listFrom, notSold, objectFrom, RequestMembers, textFrom } from './members.ts'
import { imageCounts } from './responsesreader.ts'
import { disjoint } from './tokencounts.ts'

/** The most pictures and previews of one request (openai-node 7.59, `ImageGenerateParams`). */
const MOST_IMAGES = 10
const MOST_PREVIEWS = 3
/** More than any model has: what a picture takes is bounded by the model's own limit, and no member of a request lowers it. */
export const UNCAPPED = BigInt(Number.MAX_SAFE_INTEGER)
/** Formats of several frames, or that another model writes. */
const DEAR_FORMATS = new Set(['gif', 'svg'])

/**
 * Returns the API that draws pictures. Each picture and each preview of it takes at most what the limit of its model says of one
 * picture, and input counts as text.
 */
export function imagesApi(members: readonly string[]): ModelApi {
  return { name: 'images', members, read: readImages, edit: commonEdits, reader: () => new ImagesReader() }
}

function readImages(body: JsonMembers): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  members.required('prompt')
  const isStream = members.flag('stream') ?? false
  const images = members.count('n', 1, MOST_IMAGES) ?? 1n
  const previews = members.count('partial_images', 0, MOST_PREVIEWS) ?? 0n
  for (const name of ['user', 'safety_identifier']) members.text(name)
  if (DEAR_FORMATS.has(members.text('output_format') ?? ''))
    members.refuse(notSold('That "output_format" is not sold here'))
  if (isStream && images > 1n) members.refuse(notSold('Several pictures are not sold in one stream'))
  const content = contentIn(body)
  if (members.fault !== undefined) return err(members.fault)
  if (!content.ok) return content
  return ok({
    model,
    isStream,
    isUsageAsked: true,
    input: { ...content.value, hasTools: false },
    output: { cap: UNCAPPED, choices: images * (1n + previews), leastCap: UNCAPPED, fees: { image: images } },
    tools: [],
    tier: undefined,
    writesLongCache: false,
  })
}

const MATTERS = /"usage"\s*:\s*[^n\s]|"error/

/** Reads usage where pictures are drawn: tokens, or the pictures themselves where no tokens are reported. */
class ImagesReader implements UsageReader {
  #report: TokenUsage | undefined

  mayMatter(data: string): boolean {
    return MATTERS.test(data)
  }

  event(name: string | undefined, data: unknown): 'content' | 'error' {
    const event = objectFrom(data)
    const type = textFrom(event?.['type']) ?? name
    if (type === 'error' || objectFrom(event?.['error']) !== undefined) return 'error'
    if (type?.endsWith('.completed')) this.whole({ usage: event?.['usage'] ?? null })
    return 'content'
  }

  whole(answer: unknown): void {
    const object = objectFrom(answer)
    const usage = objectFrom(object?.['usage'])
    const images = BigInt(listFrom(object?.['data']).length)
    // Of a vector graphic another model was the author.
    if (object === undefined || objectFrom(object['svg_usage']) !== undefined) return
    const tokens = usage && disjoint(imageCounts(usage))
    if (tokens !== undefined) this.#report = { tokens }
    else if (usage === undefined && images > 0n) this.#report = { tokens: {}, fees: { image: images } }
  }

  final(): TokenUsage | undefined {
    return this.#report
  }

  soFar(): undefined {
    return undefined
  }
}
