import { reachesOrigin } from '../http/rules/fields.ts'

/** Returns the faults of a list of places, with their paths. `from` may be any value. */
export function placeFaults(from: unknown): readonly { readonly path: string; readonly message: string }[] {
  if (!Array.isArray(from)) return [{ path: 'from', message: 'expected a list of places' }]
  return from.flatMap((place, at) => {
    const message = placeFault(place) ?? (isRepeated(from, at) ? 'the same as an earlier one' : undefined)
    return message === undefined ? [] : [{ path: `from[${at}]`, message }]
  })
}

function isRepeated(from: readonly unknown[], at: number): boolean {
  const names = from.map((place) => JSON.stringify(place).toLowerCase())
  return names.indexOf(names[at] ?? '') < at
}

function placeFault(value: unknown): string | undefined {
  const named: Readonly<Record<string, unknown>> = typeof value === 'object' ? { ...value } : {}
  if ('parameter' in named) return IN_URLS
  const [member, ...others] = Object.entries(named)
  if (member === undefined || others.length > 0) return ONE_OF
  const [kind, name] = member
  if (kind === 'basic') return name === 'password' ? undefined : 'expected "password"'
  if (typeof name !== 'string' || !TOKEN.test(name)) return Object.hasOwn(NAMES, kind) ? NAMES[kind] : ONE_OF
  const isReserved = Object.hasOwn(RESERVED, kind) ? RESERVED[kind] : undefined
  if (isReserved === undefined) return ONE_OF
  return isReserved(name.toLowerCase()) ? `"${name}" means something else here` : undefined
}

const ONE_OF = 'expected one of {field}, {scheme}, {basic: "password"}, {cookie} and {webSocketProtocol}'
const IN_URLS =
  "a URL is logged and shared, so it holds no account's token: put feeds({ routes, parameter }) among the rails, and let readers make feed tokens"
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
const NAMES: Readonly<Record<string, string>> = {
  field: 'expected the name of a header field, such as "X-Api-Key"',
  scheme: 'expected an authentication scheme, such as "Token"',
  cookie: 'expected the name of a cookie',
  webSocketProtocol: 'expected a subprotocol, such as "bearer"',
}
/** The fields with a meaning to the gate, or to every server. */
const STANDARD =
  /^(?:authorization|cookie|host|origin|referer|user-agent|range|date|via|expect|baggage|traceparent|tracestate|(?:accept|access-control|cache|content|if|sec)(?:-.*)?)$/
const RESERVED: Readonly<Record<string, (name: string) => boolean>> = {
  field: (name) => STANDARD.test(name) || !reachesOrigin(name),
  scheme: (name) => name === 'bearer' || name === 'basic',
  cookie: (name) => name.startsWith('__host-faregate'),
  webSocketProtocol: () => false,
}
