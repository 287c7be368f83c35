import { expect, it } from 'vitest'
import { parseDuration } from '../../src/core/duration.ts'

it.each<[string, number | undefined]>([
  ['PT1H', 3600],
  ['P1D', 86_400],
  ['P1DT1M', 86_460],
  ['PT90S', 90],
  ['PT0S', 0],
  ...['', 'P', 'PT', 'P1DT', '1H', 'PT1', 'PT1.5H', 'P1M', 'PT-1H', 'pt1h', 'PT1H '].map(
    (text): [string, undefined] => [text, undefined],
  ),
])('reads %j as %j seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds))
