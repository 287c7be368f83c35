/** How `init` has readers sign in: the gate sends them to the issuer of their tokens, or to Stripe. */
import { usageError } from '../commanderror.ts'
import type { OwnBilling, Provider, SignIn, StripeSale } from './plan.ts'

/** Returns undefined without `--sign-in`. Throws a usage error where there is nobody to sign in at. */
export function signInFrom(
  clientId: string | undefined,
  { billing, provider }: { readonly billing: OwnBilling | undefined; readonly provider: Provider | undefined },
): SignIn | undefined {
  if (clientId === undefined) return undefined
  const found = provider?.preset.issuer(provider.options) ?? (billing === undefined ? [] : [billing.issuer])
  const [issuer, ...more] = found
  if (issuer === undefined || more.length > 0) throw usageError('--sign-in: expected one issuer to sign in at')
  return { issuer, clientId }
}

interface SaleFlags {
  readonly stripe?: string | true
  readonly issuer?: string
  readonly signIn?: string
}

/** A price that is not given is an example. */
export function stripeFrom({ stripe, issuer, signIn }: SaleFlags): StripeSale | undefined {
  if (stripe === undefined) return undefined
  if (issuer !== undefined) throw usageError('--stripe: not with --issuer, since nobody signs tokens then')
  if (signIn !== undefined) throw usageError('--sign-in: not with --stripe, which signs in by itself')
  if (stripe === true) return { price: 'price_of_your_subscription' }
  if (!/^price_\w+$/.test(stripe))
    throw usageError('--stripe: expected the id of a recurring price, such as price_1AbC')
  return { price: stripe }
}
