/**
 * The endpoints that every login needs.
 */
import { confirm } from '../endpoints/confirm.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import { checkout, signIn } from './begin.ts'
import { portal } from './portal.ts'
import { returning } from './return.ts'
import { signOut } from './signout.ts'

/**
 * Returns the gate's own pages of signing in and buying, for `LoginPlugin.endpoints`. What was bought in a browser is used up
 * after a confirmation alone, so its endpoint is one of them. It comes first: while a payment is on its way, the trips take back
 * the form that it adds to a refusal.
 */
export function loginEndpoints(): readonly EndpointFactory[] {
  return [confirm(), signIn(), checkout(), returning(), signOut(), portal()]
}
