/** Thrown if something was asked to be signed that the gate would refuse, or with keys unfit to sign. Nothing was signed. */
export class InvalidClaimsError extends TypeError {
  override readonly name = 'InvalidClaimsError'
}
