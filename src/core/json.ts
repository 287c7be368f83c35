/** A JSON value (RFC 8259). */
export type Json = string | number | boolean | null | readonly Json[] | JsonMembers

export interface JsonMembers {
  readonly [name: string]: Json
}
