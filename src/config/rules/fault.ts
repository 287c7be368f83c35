import type * as v from 'valibot'

/** One fault of a configuration, and its path: `zones[0].routes[2].price`. */
export interface Fault {
  readonly path: string
  readonly message: string
}

/** Returns the fault with its path below `place`. */
export function faultAt(place: string, { path, message }: Fault): Fault {
  const separator = place === '' || path === '' || path.startsWith('[') ? '' : '.'
  return { path: `${place}${separator}${path}`, message }
}

/**
 * Turns an issue of the schema into a fault; the path of the whole configuration is empty. Of a union the fault is the
 * union's own issue: its message names the choices.
 */
export function faultOf(issue: v.BaseIssue<unknown>): Fault {
  const keys = (issue.path ?? []).map((item) => item.key)
  const path = keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`))
    .join('')
  return { path, message: messageOf(issue) }
}

const KINDS: Readonly<Record<string, string>> = { Object: 'an object', Array: 'a list', string: 'a string' }

/** Returns a message without the value: the schema library's own messages quote it, and it may be a secret. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  const { expected, message, path, received, type } = issue
  if (type === 'strict_object' && path !== undefined) {
    if (expected === 'never') return 'is not an option here'
    if (received === 'undefined') return 'is missing'
  }
  if (!message.startsWith('Invalid ')) return message
  return `expected ${KINDS[expected ?? ''] ?? expected ?? 'something else'}`
}
