/** The links of refusals. A refusal shows those that cure its reason. */
export interface RemedyOptions {
  /**
   * The page that sells access. `{offer}` in it becomes the name of what is chosen, or nothing if nothing is chosen yet: an offer
   * of the zone then leads there, even if a login sells it too.
   */
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
