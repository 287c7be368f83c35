import { describe, expect, it } from 'vitest'
import { compileTemplate, encodeTemplate, bytesOfText, fill, fillEncoded, slot } from '../../src/core/template.ts'

const TEMPLATES = [
  '',
  'no slot',
  slot(0),
  `${slot(0)}${slot(0)}`,
  `ü ${slot(1)} – ${slot(0)} 😀`,
  `<${slot(8)}>${slot(2)}`,
]
const VALUES = [['a', 'b', 'c', '', '', '', '', '', 'last'], ['ü', '😀', '–', 'x'.repeat(5000)], []]

describe('a template in UTF-8', () => {
  it.each(TEMPLATES)('is filled to the bytes of the text: %j', (text) => {
    const template = compileTemplate(text)
    for (const values of VALUES) {
      const expected = bytesOfText(fill(template, values))
      expect(fillEncoded(encodeTemplate(template), values)).toEqual(expected)
      expect(fillEncoded(encodeTemplate(template), values.map(bytesOfText))).toEqual(expected)
    }
  })
})
