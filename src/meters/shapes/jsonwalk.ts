import type { Json, JsonMembers } from '../../core/json.ts'
import { textLength } from './textlength.ts'

/** Counts the bytes of JSON that may become tokens, while a provider's own walk looks into its objects. */
export abstract class JsonWalk {
  bytes = 0

  /** Counts a value as JSON has it, and looks into it unless it is `free`. */
  value(value: Json, isFree = false): void {
    if (typeof value === 'string') this.bytes += textLength(value) + 2
    else if (typeof value !== 'object' || value === null) this.bytes += String(value).length
    else if (isList(value)) {
      this.bytes += 1 + Math.max(1, value.length)
      for (const item of value) this.value(item, isFree)
    } else this.object(value, isFree)
  }

  /** Counts an object, and looks for what a provider reads in it. */
  protected abstract object(object: JsonMembers, isFree: boolean): void
}

/** Returns true for a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
