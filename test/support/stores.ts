import type { CredentialStores } from '../../src/rails/rail.ts'

/** A gate that keeps nothing of the credentials that it issues. */
export const NO_STORES: CredentialStores = {
  ledgers: undefined,
  bulletins: undefined,
  clock: () => 0,
  fetch: () => Promise.reject(new Error('nothing is fetched here')),
  hashAccount: undefined,
}
