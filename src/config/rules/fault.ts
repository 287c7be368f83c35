import type * as v from 'valibot'

/** One thing wrong with a configuration, and where: `zones[0].routes[2].price`. */
export interface Fault {
  readonly path: string
  readonly message: string
}

/** The same fault of something that is itself at this place. */
export function faultAt(place: string, { path, message }: Fault): Fault {
  const separator = place === '' || path === '' || path.startsWith('[') ? '' : '.'
  return { path: `${place}${separator}${path}`, message }
}

/** What a schema found; the path of the whole is empty. Of a union it is the union's own issue, whose message has the choices. */
export function faultOf(issue: v.BaseIssue<unknown>): Fault {
  const keys = (issue.path ?? []).map((item) => item.key)
  const path = keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`))
    .join('')
  return { path, message: messageOf(issue) }
}

const KINDS: Readonly<Record<string, string>> = { Object: 'an object', Array: 'a list', string: 'a string' }

/** The schema library's own words quote what they found, which may be a secret. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  const { expected, message, path, received, type } = issue
  if (type === 'strict_object' && path !== undefined) {
    if (expected === 'never') return 'is not an option here'
    if (received === 'undefined') return 'is missing'
  }
  if (!message.startsWith('Invalid ')) return message
  return `expected ${KINDS[expected ?? ''] ?? expected ?? 'something else'}`
}
