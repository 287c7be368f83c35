/** Reads options whose shape may be wrong: a member of another shape counts as missing. */

export function memberAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}

export function listAt(value: unknown, name: string): unknown[] {
  const list = memberAt(value, name)
  return Array.isArray(list) ? list : []
}

export function textAt(value: unknown, name: string): string | undefined {
  return textIn(memberAt(value, name))
}

export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
