/** The links of refusals. A refusal shows those that cure its reason. */
export interface RemedyOptions {
  /** The page that sells access. */
  checkout?: string
  signIn?: string
  account?: string
  /** The page that changes a payment method. */
  portal?: string
  support?: string
  /**
   * Explains the reasons for refusal: `<documentation>#<reason>` is the `type` of each problem document. Default: the gate's own
   * page, `/__faregate/problems`.
   */
  documentation?: string
}
