/**
 * The secrets of the gate itself. Only plug-ins that say so need them, such as those that hand out credentials.
 */
export interface SecretsOptions {
  /**
   * Names the secret of at least 32 bytes from which all of the gate's own keys are derived: make it with
   * `openssl rand -base64 32`. A list of `GateSecretOptions` lets a new secret replace an old one while both hold. What was
   * made under a secret is void once the secret is gone.
   *
   * @example
   * ```ts options
   * secrets: { gate: 'GATE_SECRET' }
   * ```
   */
  gate?: string | GateSecretOptions[]
}

/**
 * One of several generations of the gate's secret, newest first, at most eight. A bare name is generation 1. New values are
 * made under the newest; those made under another one hold as long as it is listed.
 *
 * @example
 * ```ts options
 * secrets: {
 *   gate: [
 *     { generation: 2, secret: 'GATE_SECRET_2' },
 *     { generation: 1, secret: 'GATE_SECRET' },
 *   ],
 * }
 * ```
 */
export interface GateSecretOptions {
  /** A whole number from 1 to 255 that never comes again with another secret. */
  generation: number
  /** Names the secret. */
  secret: string
}
