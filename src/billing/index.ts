/** The billing side: `faregate/billing`. It needs no gate, and nothing but web standards. */
export { type BillingIssuer, type BillingIssuerOptions, createIssuer } from './issuer.ts'
export { InvalidClaimsError } from './fault.ts'
export { generateKeys, type IssuerKey, type KeyAlgorithmName, rotateKeys, type RotationOptions } from './keys.ts'
export type {
  EntitlementInput,
  EventStatements,
  EventInput,
  LimitInput,
  OperatorInput,
  OtherAccount,
  ReceiptInput,
  StatusListInput,
  StatusPlace,
  TokenInput,
} from './input.ts'
export { type UsageFault, verifyUsage, type VerifyUsageOptions } from './usage.ts'
export type { UsageAmount, UsageRecord } from './rules/usagerecord.ts'
