import { afterAll } from 'vitest'
import { countBlocks } from '../parsing/blocks.ts'
import { holdBlocksLinear, holdStepsLinear } from '../parsing/linear.ts'
import { countSteps } from '../parsing/steps.ts'

// What is to be counted is imported after counting has begun.
const [blocks, steps] = [await countBlocks(), countSteps()]
const { verifySignature } = await import('../../../src/stripe/signature.ts')

afterAll(() => blocks.stop())
afterAll(() => steps.stop())

const signature = {
  name: 'Stripe-Signature',
  pieces: ['t=', 'v1=', ',', 'a', '0', '='],
  read: (text: string) => verifySignature(text, new Uint8Array(), { secrets: ['s'], toleranceSeconds: 1 }, 0),
}
holdStepsLinear([signature], steps)
holdBlocksLinear([signature], blocks)
