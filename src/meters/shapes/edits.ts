import type { Json, JsonMembers } from '../../core/json.ts'
import type { JsonEdit, RequestChanges } from '../llm/rules/request.ts'

/** Members that name a customer of the client's towards the provider. All share the operator's account there. */
const NAMING = ['user', 'safety_identifier', 'prompt_cache_key']

/** Puts a value at the top of a request. */
export function set(name: string, value: Json): JsonEdit {
  return { path: [name], text: JSON.stringify(value) }
}

/** Returns the edits that every API has: the model, and pseudonyms of whom the request names. Without a pseudonym it is left out. */
export function commonEdits(body: JsonMembers, { model, pseudonym }: RequestChanges): readonly JsonEdit[] {
  const edits = model === undefined || model === body['model'] ? [] : [set('model', model)]
  // Codex names its installation there.
  if (Object.hasOwn(body, 'client_metadata')) edits.push({ path: ['client_metadata'], text: undefined })
  for (const name of NAMING) {
    const value = body[name]
    if (typeof value !== 'string') continue
    const replaced = pseudonym?.(value)
    edits.push(replaced === undefined ? { path: [name], text: undefined } : set(name, replaced))
  }
  return edits
}

/** Returns the edits that cap the output. `names`: the members that may hold a cap; without one the first is written. */
export function capEdits(body: JsonMembers, cap: bigint | undefined, names: readonly string[]): readonly JsonEdit[] {
  if (cap === undefined) return []
  const present = names.filter((name) => typeof body[name] === 'number')
  return (present.length === 0 ? names.slice(0, 1) : present).map((name) => ({ path: [name], text: cap.toString() }))
}

/** Returns the edits that ask for usage in a stream. */
export function usageEdits(body: JsonMembers, asked: Readonly<Record<string, true>>): readonly JsonEdit[] {
  const options = body['stream_options']
  if (typeof options !== 'object' || options === null) return [set('stream_options', asked)]
  return Object.keys(asked).map((name) => ({ path: ['stream_options', name], text: 'true' }))
}
