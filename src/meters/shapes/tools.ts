import type { JsonMembers } from '../../core/json.ts'
import { objectFrom, listFrom, textFrom } from './members.ts'

/** The tools that a request declares. */
export interface DeclaredTools {
  readonly hasTools: boolean
  /** The types of those that the provider runs. */
  readonly run: readonly string[]
}

/**
 * Sorts tools into those that the client runs, by type, and those that the provider runs. `isClients` returns true for a tool of
 * the client's. A type that is not known is taken for one that the provider runs: it is refused unless the operator lists it.
 */
export function declaredTools(tools: readonly JsonMembers[], isClients: (tool: JsonMembers) => boolean): DeclaredTools {
  const run = tools.filter((tool) => !isClients(tool)).map((tool) => textFrom(tool['type']) ?? 'unknown')
  return { hasTools: tools.length > 0, run: [...new Set(run)] }
}

/** Returns true for the tools of chats that the client runs. */
export function isFunction(tool: JsonMembers): boolean {
  const type = tool['type'] ?? 'function'
  return type === 'function' || type === 'custom'
}

/** Returns all tools of a Responses request: the list at its top, and those that items of its input add. */
export function toolsWithin(body: JsonMembers): readonly JsonMembers[] {
  const lists = [body['tools'], ...listFrom(body['input']).map((item) => objectFrom(item)?.['tools'])]
  const tools = lists.flatMap((list) => listFrom(list).map(objectFrom)).filter((tool) => tool !== undefined)
  return tools.flatMap((tool) => (tool['type'] === 'namespace' ? [tool, ...within(tool)] : [tool]))
}

function within(tool: JsonMembers): readonly JsonMembers[] {
  return listFrom(tool['tools'])
    .map(objectFrom)
    .filter((inner) => inner !== undefined)
}
