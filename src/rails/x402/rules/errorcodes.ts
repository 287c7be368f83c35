/** The codes of errors that facilitators give. They are open text, so that none but these goes any further. */

/** What is checked before anything is sent: with one of these, nothing was. */
const VALIDATION: ReadonlySet<string> = /* @__PURE__ */ new Set(
  `insufficient_funds invalid_network invalid_payload invalid_payment_requirements invalid_scheme invalid_x402_version
  unsupported_scheme payment_expired
  invalid_exact_evm_authorization_value invalid_exact_evm_eip3009_not_supported
  invalid_exact_evm_failed_to_parse_signature invalid_exact_evm_insufficient_balance
  invalid_exact_evm_missing_eip712_domain invalid_exact_evm_network_mismatch invalid_exact_evm_recipient_mismatch
  invalid_exact_evm_scheme invalid_exact_evm_signature invalid_exact_evm_token_name_mismatch
  invalid_exact_evm_token_version_mismatch invalid_exact_evm_transaction_simulation_failed
  invalid_exact_evm_payload_authorization_valid_after invalid_exact_evm_payload_authorization_valid_before
  invalid_exact_evm_payload_authorization_value invalid_exact_evm_payload_authorization_value_mismatch
  invalid_exact_evm_payload_recipient_mismatch invalid_exact_evm_payload_signature`.split(/\s+/),
)

/** The authorization was used, or taken back: for whom, this alone does not say. */
const NONCE_USED = 'invalid_exact_evm_nonce_already_used'
export const PENDING = 'settlement_pending'
const OTHERS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  NONCE_USED,
  PENDING,
  'invalid_transaction_state',
  'invalid_exact_evm_transaction_failed',
  'invalid_exact_evm_transfer_event_mismatch',
  'duplicate_settlement',
  'credential_bound_elsewhere',
])

/** Returns true if a payment that fails for this reason was not sent to its chain. */
export function isValidation(code: unknown): boolean {
  return typeof code === 'string' && VALIDATION.has(code)
}

export function isNonceUsed(code: unknown): boolean {
  return code === NONCE_USED
}

/** Returns a code as it may be told; undefined for one that is not known here. */
export function knownCode(code: unknown): string | undefined {
  return typeof code === 'string' && (VALIDATION.has(code) || OTHERS.has(code)) ? code : undefined
}
