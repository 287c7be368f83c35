import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Parser } from './pieces.ts'
import type { Counter } from './steps.ts'

/** Quadratic work takes four times the steps for twice the input; what sorts, a little more than twice. */
const MOST = 2.6
/** Of steps that do not depend on the input, or come once. */
const ALLOWANCE = 3000

/** What comes before the unit that is repeated, the unit, and what comes after. */
type Shape = readonly [head: string, unit: string, tail: string]

const written = ([head, unit, tail]: Shape, characters: number): string =>
  head + unit.repeat(Math.ceil(characters / unit.length)) + tail

/** Each piece repeated alone, after and before what gives it a place. */
const alone = ({ pieces, heads = ['', 'a'], tails = ['', '!'] }: Parser): Shape[] =>
  pieces.flatMap((unit) => heads.flatMap((head) => tails.map((tail): Shape => [head, unit, tail])))

function shapes({ pieces }: Parser): fc.Arbitrary<Shape> {
  const some = (minLength: number, maxLength: number) =>
    fc.array(fc.constantFrom(...pieces), { minLength, maxLength }).map((all) => all.join(''))
  return fc.tuple(some(0, 2), some(1, 4), some(0, 2))
}

/** Holds each parser to steps in proportion to its input. What it reads with is imported after counting has begun. */
export function holdLinear(parsers: readonly Parser[], counter: Counter): void {
  describe.each(parsers)('the reader of $name', (parser) => {
    const { read, runs = 25, characters = 400 } = parser

    it('looks at no more than about twice as much in twice the input, whatever is repeated there', () => {
      read('')
      const property = fc.property(shapes(parser), (shape) => {
        const once = counter.lookedAt(() => read(written(shape, characters)))
        const twice = counter.lookedAt(() => read(written(shape, 2 * characters)))
        expect(twice).toBeLessThanOrEqual(MOST * once + ALLOWANCE)
      })
      const examples = alone(parser).map((shape): [Shape] => [shape])
      fc.assert(property, { numRuns: examples.length + runs, examples })
    })

    it('runs no more than about twice as much code for twice the input', async () => {
      const all = [...alone(parser), ...fc.sample(shapes(parser), runs)]
      const blocks = (length: number) =>
        counter.blocksOf(async () => {
          for (const shape of all) await read(written(shape, length))
        })
      await blocks(1)
      const once = await blocks(characters)
      expect(await blocks(2 * characters)).toBeLessThanOrEqual(MOST * once + ALLOWANCE)
    })
  })
}
