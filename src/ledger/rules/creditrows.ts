/** Prepaid credit that was granted. */
export interface CreditGrant {
  readonly id: string
  readonly at: number
  readonly units: bigint
  readonly currency: string
  /** The thumbprint of the key that signed for it. */
  readonly signedBy?: string
  /** The units that an emergency took back; absent if the grant is not undone. */
  readonly undone?: bigint
  /** The units that cannot be taken any more: they were taken back, or lost when the account was erased. */
  readonly taken?: bigint
  /** The ids of takings that came before the grant, which is not made yet: it has no units. */
  readonly awaited?: readonly string[]
}

/** Credit that is taken back, because its payment was. */
export interface CreditTaking {
  readonly id: string
  readonly at: number
  /** What was to be taken. */
  readonly asked: bigint
  readonly currency: string
  /** The id of the grant that it is taken from. */
  readonly of?: string
  /** What was taken; absent while the grant is awaited. */
  readonly taken?: bigint
}
