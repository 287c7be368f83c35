import type { Lever } from '../../access/lever.ts'

/** A lever in effect, as the page shows it. Times are in seconds since 1970. */
export interface ShownLever {
  readonly kind: Lever['kind']
  /** What it is about, as its button says it: `route /articles/*`. */
  readonly part: string
  readonly since: number
  readonly until: number
}

/** A form that pulls levers of one kind. */
export interface LeverForm {
  readonly kind: Lever['kind']
  /** The sealed order. */
  readonly order: string
  /** What it may be about, as many as there is room for. */
  readonly parts: readonly string[]
  /** True if there are more: then one may be named. */
  readonly hasMore: boolean
  /** The ends that may be chosen, in hours from now. */
  readonly hours: readonly number[]
}

/** The levers of a zone. */
export interface ShownLevers {
  /** Undefined if they cannot be read now. */
  readonly shown: readonly ShownLever[] | undefined
  readonly more: number
  /** The sealed order that takes one back; empty if the operator cannot. */
  readonly undo: string
  readonly forms: readonly LeverForm[]
}
