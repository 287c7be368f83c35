/** What a platform knows of where a request comes from. Types only. */
export interface ClientFacts {
  /**
   * Returns the address of the connection's other end, as the platform knows it, and never a text that the client could
   * have written. Returns undefined if it is unknown.
   */
  clientAddress(request: Request): string | undefined
  /** Returns the country that a request comes from, if the platform knows it: ISO 3166-1 alpha-2, upper case. */
  readonly countryOf?: ((request: Request) => string | undefined) | undefined
  /** Returns the number of the autonomous system that a request comes from, if the platform knows it. */
  readonly asnOf?: ((request: Request) => number | undefined) | undefined
}
