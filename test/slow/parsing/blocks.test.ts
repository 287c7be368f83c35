import { afterAll } from 'vitest'
import { countBlocks } from './blocks.ts'
import { holdBlocksLinear } from './linear.ts'

// What is to be counted is imported after counting has begun.
const counter = await countBlocks()
const { PARSERS } = await import('./parsers.ts')
const { BODY_PARSERS } = await import('./bodies.ts')

afterAll(() => counter.stop())

holdBlocksLinear([...PARSERS, ...BODY_PARSERS], counter)
