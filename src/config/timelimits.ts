/** The time limits of a request's stages. */
export interface LimitOptions {
  /** The time to open a TCP connection to a server that has not answered lately, in seconds. Default 5. */
  connectSeconds?: number
  /** The time until the header of the response has come, connecting included, in seconds. Default 30. */
  responseSeconds?: number
  /**
   * The longest delivery of a paid response or a paid WebSocket, in seconds. The token's expiry ends the delivery sooner.
   * Default 3600.
   */
  maxSessionSeconds?: number
  /** The longest pause of a client that sends content, or reads from a server with `maxConcurrent`, in seconds. Default 30. */
  stallSeconds?: number
}
