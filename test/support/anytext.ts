import * as fc from 'fast-check'

const codePoint = fc.oneof(fc.nat(0xff), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }))

/** Text of any characters. The unit `binary` of fast-check is the same, and takes two thirds of a second to begin. */
export const anyText = fc.string({ unit: codePoint.map((code) => String.fromCodePoint(code)) })
