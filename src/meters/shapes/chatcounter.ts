import type { Json, JsonMembers } from '../../core/json.ts'
import { listFrom, objectFrom, textFrom } from './members.ts'

/**
 * Writes a chat as the input of a response, so that OpenAI's counter, which counts responses alone, can count it. Returns
 * undefined for a chat with anything that a response spells in another way or not at all: a count that left it out would be no
 * upper bound.
 */
export function chatAsResponse(body: JsonMembers, model: string): JsonMembers | undefined {
  if (given(body['functions']) || given(body['web_search_options'])) return undefined
  const input = listFrom(body['messages']).map(itemsOf)
  const tools = listFrom(body['tools']).map(toolOf)
  const format = formatOf(body['response_format'])
  if (!areAll(input) || !areAll(tools) || format === undefined) return undefined
  return {
    model,
    input: input.flat(),
    ...(tools.length === 0 ? {} : { tools }),
    ...(format === null ? {} : { text: { format } }),
    ...(given(body['reasoning_effort']) ? { reasoning: { effort: body['reasoning_effort'] ?? null } } : {}),
  }
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null
}

function areAll<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return values.every((value) => value !== undefined)
}

const ROLES = new Set(['system', 'developer', 'user', 'assistant'])

/** Returns the items of a message: its text, and each call of a tool. */
function itemsOf(value: Json): readonly JsonMembers[] | undefined {
  const message = objectFrom(value)
  const role = textFrom(message?.['role'])
  if (message === undefined || role === undefined) return undefined
  const odd = ['name', 'function_call', 'audio'].some((name) => given(message[name]))
  const content = chatContent(message['content'], role === 'assistant' ? 'output_text' : 'input_text')
  if (odd || content === undefined) return undefined
  if (role === 'tool') return output(message['tool_call_id'], content)
  if (!ROLES.has(role)) return undefined
  const calls = listFrom(message['tool_calls']).map(callOf)
  if (!areAll(calls)) return undefined
  const refused = textFrom(message['refusal'])
  const said = content === null ? [] : [{ role, content }]
  return [...said, ...(refused === undefined ? [] : [{ role, content: refused }]), ...calls]
}

function output(call: unknown, content: Json): readonly JsonMembers[] | undefined {
  return typeof call === 'string' ? [{ type: 'function_call_output', call_id: call, output: content ?? '' }] : undefined
}

function callOf(value: Json): JsonMembers | undefined {
  const call = objectFrom(value)
  const called = objectFrom(call?.['function'])
  const [id, name, written] = [textFrom(call?.['id']), textFrom(called?.['name']), textFrom(called?.['arguments'])]
  if (id === undefined || name === undefined || written === undefined) return undefined
  return { type: 'function_call', call_id: id, name, arguments: written }
}

/** Returns the content of a message; null if it has none. */
function chatContent(content: Json | undefined, textType: string): Json | undefined {
  if (content === undefined || content === null) return null
  if (typeof content === 'string') return content
  const parts = listFrom(content).map((part) => partOf(objectFrom(part), textType))
  return areAll(parts) ? parts : undefined
}

function partOf(part: JsonMembers | undefined, textType: string): JsonMembers | undefined {
  if (part?.['type'] === 'text') return { type: textType, text: part['text'] ?? '' }
  const image = part?.['type'] === 'image_url' ? objectFrom(part['image_url']) : undefined
  if (image !== undefined)
    return { type: 'input_image', image_url: image['url'] ?? null, detail: image['detail'] ?? 'auto' }
  const file = part?.['type'] === 'file' ? objectFrom(part['file']) : undefined
  if (file === undefined) return undefined
  return { type: 'input_file', file_data: file['file_data'] ?? null, filename: file['filename'] ?? 'file' }
}

function toolOf(value: Json): JsonMembers | undefined {
  const declared = objectFrom(objectFrom(value)?.['function'])
  return declared === undefined ? undefined : { strict: false, parameters: null, ...declared, type: 'function' }
}

/** Returns the format; null for the default, undefined for one that is not known. */
function formatOf(value: Json | undefined): JsonMembers | null | undefined {
  if (value === undefined || value === null) return null
  const format = objectFrom(value)
  if (format?.['type'] === 'text' || format?.['type'] === 'json_object') return { type: format['type'] }
  const schema = objectFrom(format?.['json_schema'])
  return format?.['type'] === 'json_schema' && schema !== undefined ? { ...schema, type: 'json_schema' } : undefined
}
