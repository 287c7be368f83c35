import type { ModelEvent } from './events.ts'
import { listIn, reportOf, type Turn, usedBy, wordsOf } from './turn.ts'

/** The generateContent API of Gemini. */

export function generateAnswer(turn: Turn): object {
  const { words, call } = turn
  const parts = call === undefined ? [{ text: words.join('').trimStart() }] : [{ functionCall: functionCall(call) }]
  const candidates = Array.from({ length: turn.choices }, (_, index) => ({
    content: { parts, role: 'model' },
    finishReason: finishReason(turn),
    index,
    ...(turn.faults.has('continuation') ? { continuationToken: `hop-${turn.serial}` } : {}),
  }))
  return { candidates, ...usageMetadata(turn, usedBy(turn).output), ...end(turn) }
}

/** Each chunk has the usage so far. */
export function* generateEvents(turn: Turn): Generator<ModelEvent> {
  const { call, faults } = turn
  let output = turn.thinking * turn.choices
  const chunk = (index: number, parts: object[], finish: object, tokens: number): ModelEvent => {
    output += tokens
    const candidates = [{ content: { parts, role: 'model' }, ...finish, index }]
    return { data: { candidates, ...usageMetadata(turn, output), ...end(turn) }, tokens }
  }
  const last = {
    finishReason: finishReason(turn),
    ...(faults.has('continuation') ? { continuationToken: `hop-${turn.serial}` } : {}),
  }
  for (let index = 0; index < turn.choices; index += 1) {
    if (call !== undefined) {
      yield chunk(index, [{ functionCall: functionCall(call) }], last, turn.words.length)
      continue
    }
    let isFirst = true
    for (const word of wordsOf(turn)) {
      yield chunk(index, [{ text: isFirst ? word.trimStart() : word }], {}, 1)
      isFirst = false
    }
    yield chunk(index, [{ text: '' }], last, 0)
  }
}

/** A stream without `alt=sse` is one JSON array. */
export function generateArray(turn: Turn): object[] {
  return Array.from(generateEvents(turn), ({ data }) => data as object)
}

export function embedAnswer({ body }: Turn): object {
  const embedding = { values: [0.25, -0.5, 0.125, 1] }
  const requests = listIn(body['requests'])
  return requests.length === 0 ? { embedding } : { embeddings: requests.map(() => embedding) }
}

export function countAnswer({ input }: Turn): object {
  return { totalTokens: input, promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }] }
}

function functionCall({ name, input }: NonNullable<Turn['call']>): object {
  return { name, args: JSON.parse(input) as unknown }
}

function finishReason({ finish, faults }: Turn): string {
  if (faults.has('continuation')) return 'CONTINUATION'
  return finish === 'length' ? 'MAX_TOKENS' : 'STOP'
}

function end({ served: modelVersion, serial }: Turn): object {
  return { modelVersion, responseId: `gen-${serial}` }
}

/** `candidatesTokenCount` is without thoughts. */
function usageMetadata(turn: Turn, soFar: number): object {
  if (turn.faults.has('no-usage')) return {}
  const { input, cached, output, thinking } = reportOf(turn, soFar)
  return {
    usageMetadata: {
      promptTokenCount: input,
      ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
      candidatesTokenCount: Math.max(0, output - thinking),
      ...(thinking === 0 ? {} : { thoughtsTokenCount: thinking }),
      totalTokenCount: input + output,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    },
  }
}
