import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi, UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { TokenUsage } from '../llm/rules/tokenusage.ts'
import { contentIn } from './content.ts'
import { commonEdits } from './edits.ts'
import { UNCAPPED } from './images.ts'
import { objectFrom, RequestMembers, textFrom } from './members.ts'
import { disjoint } from './tokencounts.ts'

/**
 * Returns the API that speaks a text. Models that are priced by the character cost the text, whatever becomes of the answer.
 * Models that are priced by the token report tokens in a stream of events alone: any other answer costs its reservation.
 */
export function speechApi(members: readonly string[]): ModelApi {
  return {
    name: 'speech',
    members,
    read: readSpeech,
    edit: commonEdits,
    reader: (request) => new SpeechReader(request),
  }
}

function readSpeech(body: JsonMembers): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  const text = members.required('input')
  members.text('instructions')
  const isStream = members.text('stream_format') === 'sse'
  const content = contentIn(body)
  if (members.fault !== undefined) return err(members.fault)
  if (!content.ok) return content
  return ok({
    model,
    isStream,
    isUsageAsked: true,
    input: { ...content.value, hasTools: false },
    output: { cap: UNCAPPED, choices: 1n, leastCap: UNCAPPED, fees: { character: BigInt(Array.from(text).length) } },
    tools: [],
    tier: undefined,
    writesLongCache: false,
  })
}

class SpeechReader implements UsageReader {
  #usage: TokenUsage | undefined

  constructor({ output }: ModelRequest) {
    const { character = 0n } = output.fees
    this.#usage = { tokens: {}, fees: { character } }
  }

  mayMatter(data: string): boolean {
    return data.includes('"usage"') || data.includes('"error"')
  }

  event(name: string | undefined, data: unknown): 'content' | 'error' {
    const event = objectFrom(data)
    const type = textFrom(event?.['type']) ?? name
    if (type === 'error' || objectFrom(event?.['error']) !== undefined) return 'error'
    const usage = type === 'speech.audio.done' ? objectFrom(event?.['usage']) : undefined
    if (usage === undefined) return 'content'
    const { input_tokens: input, output_tokens: output } = usage
    const tokens = disjoint({ input, output, outputAudio: output })
    this.#usage = tokens && { tokens }
    return 'content'
  }

  whole(): void {}

  final(): TokenUsage | undefined {
    return this.#usage
  }

  soFar(): undefined {
    return undefined
  }
}
