import { type ClaimMapping, compileClaimPath } from './claims.ts'

/** The mapping of Faregate's own tokens: every claim has the name that the documentation gives it. */
export const OWN_MAPPING: ClaimMapping = {
  entitlements: [compileClaimPath('entitlements')],
  plan: compileClaimPath('plan'),
  standing: compileClaimPath('standing'),
  limits: compileClaimPath('limits'),
  separator: ' ',
  prefixes: [],
  grants: [],
  account: { template: '{sub}', emptySub: undefined },
  audience: undefined,
  requires: [],
  refuses: [],
  foreignNames: [],
  expected: [],
}
