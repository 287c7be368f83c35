import { afterAll } from 'vitest'
import { holdStepsLinear } from './linear.ts'
import { countSteps } from './steps.ts'

// What is to be counted is imported after counting has begun.
const counter = countSteps()
const { PARSERS } = await import('./parsers.ts')
const { BODY_PARSERS } = await import('./bodies.ts')

afterAll(() => counter.stop())

holdStepsLinear([...PARSERS, ...BODY_PARSERS], counter)
