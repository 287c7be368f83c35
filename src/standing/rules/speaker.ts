interface Speakers {
  /** The `iss` of issuers for whose accounts another one speaks. */
  readonly spokenFor?: ReadonlySet<string>
}

/**
 * Returns true if another speaks for the accounts of this issuer: its tokens prove who somebody is, and billing alone says
 * how the account stands.
 */
export function isSpokenFor(issuer: string, { spokenFor }: Speakers): boolean {
  return spokenFor?.has(issuer) === true
}
