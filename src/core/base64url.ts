const OUTSIDE = /[^\w-]/
/** What a text may end in, by its length modulo four: the unused bits of the last character are zero. */
const ENDS = [/(?:)/, /(?!)/, /[AQgw]$/, /[AEIMQUYcgkosw048]$/]

/** Returns true for the one spelling that each value has: no padding, no white space, no bits beyond the value. */
export function isBase64url(text: string): boolean {
  return !OUTSIDE.test(text) && ENDS[text.length % 4]?.test(text) === true
}
