import { describe, expect, it } from 'vitest'
import { isPathPattern } from '../../../src/http/rules/pattern.ts'
import { OWN_SPELLINGS } from '../../support/own.ts'
import { isEndpointTarget, readTarget } from '../../../src/http/rules/target.ts'

describe('a target that can be read as one of the gate’s own endpoints', () => {
  it.each(OWN_SPELLINGS)('is the gate’s own: %s', (sent) => {
    const target = readTarget(sent, '')
    expect(target.ok && isEndpointTarget(target.value)).toBe(true)
  })

  it.each([
    '/',
    '/__faregated',
    '/x/__faregate/explain',
    '/faregate/x',
    '/_faregate',
    '/a%2F__faregate',
    '/?__faregate',
  ])('and %s is not', (sent) => {
    const [path = '', query] = sent.split('?', 2)
    const target = readTarget(path, query === undefined ? '' : `?${query}`)
    expect(target.ok && isEndpointTarget(target.value)).toBe(false)
  })

  it.each(['/__faregate/*', '/%5f_faregate/x', '/__FAREGATE', '/__faregate.json', '/__faregate./*'])(
    'has no route: %s',
    (pattern) => {
      expect(isPathPattern(pattern)).toBe(false)
    },
  )
})
