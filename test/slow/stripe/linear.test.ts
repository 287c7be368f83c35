import { afterAll } from 'vitest'
import { holdLinear } from '../parsing/linear.ts'
import { startCounting } from '../parsing/steps.ts'

// What is to be counted is imported after counting has begun.
const counter = await startCounting()
const { verifySignature } = await import('../../../src/stripe/signature.ts')

afterAll(() => counter.stop())

const signature = {
  name: 'Stripe-Signature',
  pieces: ['t=', 'v1=', ',', 'a', '0', '='],
  read: (text: string) => verifySignature(text, new Uint8Array(), { secrets: ['s'], toleranceSeconds: 1 }, 0),
}
holdLinear([signature], counter)
