import type { Json, JsonMembers } from '../../core/json.ts'
import { type Refusal, refusal } from '../../core/problem.ts'

/** Returns the value if it is an object that is no array. */
export function objectFrom(value: unknown): JsonMembers | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMembers) : undefined
}

/** Returns the value if it is an array, else an empty one. */
export function listFrom(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** Returns the text if it is one. */
export function textFrom(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Makes the refusal of a request that its API would not take either. `detail`: without a final full stop. */
export function malformed(detail: string): Refusal {
  return refusal('request-malformed', `${detail}. Nothing was charged.`)
}

/** Makes the refusal of what cannot be metered here, or would reach what others own. `detail`: without a final full stop. */
export function notSold(detail: string): Refusal {
  return refusal('not-for-sale', `${detail}. Nothing was charged.`)
}

/** Said of what refers to content that the provider keeps. SDKs send the content itself if they are told `store: false`. */
export const keptElsewhere =
  'refers to what is kept at the provider, and nothing is: send the content itself, as SDKs do with "store": false'

/**
 * Reads members of a request and keeps the first fault. A member that is null or absent is undefined. After a fault, what is
 * returned is of no use.
 */
export class RequestMembers {
  readonly #body: JsonMembers
  #fault: Refusal | undefined

  constructor(body: JsonMembers) {
    this.#body = body
  }

  /** The first fault; undefined without one. */
  get fault(): Refusal | undefined {
    return this.#fault
  }

  /** Notes a fault, unless there is one. */
  refuse(fault: Refusal): void {
    this.#fault ??= fault
  }

  /** Returns a text that must be there and not be empty. */
  required(name: string): string {
    const text = this.text(name)
    if (text === undefined || text === '') this.refuse(malformed(`"${name}" has to be a string that is not empty`))
    return text ?? ''
  }

  text(name: string): string | undefined {
    const value = this.#given(name)
    if (value === undefined || typeof value === 'string') return value
    this.refuse(malformed(`"${name}" has to be a string`))
    return undefined
  }

  flag(name: string): boolean | undefined {
    const value = this.#given(name)
    if (value === undefined || typeof value === 'boolean') return value
    this.refuse(malformed(`"${name}" has to be true or false`))
    return undefined
  }

  /** Returns a whole number of at least `least` and at most `most`. */
  count(name: string, least: number, most = Number.MAX_SAFE_INTEGER): bigint | undefined {
    const value = this.#given(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
      return BigInt(value)
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`
    this.refuse(malformed(`"${name}" has to be a whole number from ${least} ${upTo}`))
    return undefined
  }

  object(name: string): JsonMembers | undefined {
    const value = this.#given(name)
    const object = objectFrom(value)
    if (value !== undefined && object === undefined) this.refuse(malformed(`"${name}" has to be an object`))
    return object
  }

  /** Returns the objects of a list. */
  objects(name: string): readonly JsonMembers[] {
    const value = this.#given(name)
    if (value === undefined) return []
    const objects = listFrom(value).map(objectFrom)
    if (Array.isArray(value) && objects.every((object) => object !== undefined)) return objects
    this.refuse(malformed(`"${name}" has to be a list of objects`))
    return []
  }

  /** Refuses a member that is there and not null, false or empty. */
  forbid(name: string, why: string): void {
    const value = this.#given(name)
    if (value !== undefined && value !== false && value !== '') this.refuse(notSold(`"${name}" ${why}`))
  }

  #given(name: string): Json | undefined {
    const value = Object.hasOwn(this.#body, name) ? this.#body[name] : undefined
    return value === null ? undefined : value
  }
}
