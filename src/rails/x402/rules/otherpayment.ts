import * as v from 'valibot'
import { signedAuthorization } from './authorization.ts'
import { networkNamed } from './networks.ts'

const stored = v.object({
  payload: signedAuthorization,
  requirements: v.object({ network: v.string(), amount: v.string() }),
})
const told = v.object({
  payer: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^0x[\da-fA-F]{40}$/), v.toLowerCase())), undefined),
  network: v.fallback(v.optional(v.pipe(v.string(), v.transform(networkNamed))), undefined),
  amount: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^\d+$/))), undefined),
})

/**
 * Returns true if an answer is about another payment than the stored one: of another payer, on another network, or of another
 * amount. What it does not say, or says in no known form, is not held against it.
 */
export function isOfAnother(answer: unknown, payment: unknown): boolean {
  const [ours, theirs] = [v.safeParse(stored, payment), v.safeParse(told, answer)]
  if (!ours.success || !theirs.success) return false
  const { payload, requirements } = ours.output
  const { payer, network, amount } = theirs.output
  const { from } = payload.authorization
  const others = [
    [payer, from],
    [network, requirements.network],
    [amount, requirements.amount],
  ]
  return others.some(([said, known]) => said !== undefined && said !== known)
}
