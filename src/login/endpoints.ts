/**
 * The endpoints that every login needs.
 */
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import { checkout, signIn } from './begin.ts'
import { portal } from './portal.ts'
import { returning } from './return.ts'
import { signOut } from './signout.ts'

/** Returns the gate's own pages of signing in and buying, for `LoginPlugin.endpoints`. */
export function loginEndpoints(): readonly EndpointFactory[] {
  return [signIn(), checkout(), returning(), signOut(), portal()]
}
