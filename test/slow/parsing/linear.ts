import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BlockCounter } from './blocks.ts'
import type { Parser } from './pieces.ts'
import type { StepCounter } from './steps.ts'

/** Quadratic work takes four times the steps for twice the input; what sorts, a little more than twice. */
const MOST = 2.6
/** Of steps that do not depend on the input, or come once. */
const ALLOWANCE = 3000
const RUNS = 25
const CHARACTERS = 400

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

/** Holds each parser to looking at no more than in proportion to its input. Imported after counting has begun. */
export function holdStepsLinear(parsers: readonly Parser[], counter: StepCounter): void {
  it.each(parsers)('the reader of $name looks at no more than about twice as much in twice the input', (parser) => {
    const { read, runs = RUNS, characters = CHARACTERS } = parser
    read('')
    const property = fc.property(shapes(parser), (shape) => {
      const once = counter.lookedAt(() => read(written(shape, characters)))
      const twice = counter.lookedAt(() => read(written(shape, 2 * characters)))
      expect(twice).toBeLessThanOrEqual(MOST * once + ALLOWANCE)
    })
    const examples = alone(parser).map((shape): [Shape] => [shape])
    fc.assert(property, { numRuns: examples.length + runs, examples })
  })
}

/** Holds each parser to running no more code than in proportion to its input. Imported after counting has begun. */
export function holdBlocksLinear(parsers: readonly Parser[], counter: BlockCounter): void {
  it.each(parsers)(
    'the reader of $name runs no more than about twice as much code for twice the input',
    async (parser) => {
      const { read, runs = RUNS, characters = CHARACTERS } = parser
      const all = [...alone(parser), ...fc.sample(shapes(parser), runs)]
      const blocks = (length: number) =>
        counter.blocksOf(async () => {
          for (const shape of all) await read(written(shape, length))
        })
      await blocks(1)
      const once = await blocks(characters)
      expect(await blocks(2 * characters)).toBeLessThanOrEqual(MOST * once + ALLOWANCE)
    },
  )
}
