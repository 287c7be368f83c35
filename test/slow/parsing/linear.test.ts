import { afterAll } from 'vitest'
import { holdLinear } from './linear.ts'
import { startCounting } from './steps.ts'

// What is to be counted is imported after counting has begun.
const counter = await startCounting()
const { PARSERS } = await import('./parsers.ts')

afterAll(() => counter.stop())

holdLinear(PARSERS, counter)
