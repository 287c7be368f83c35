/** How long each stage of a request may take. */
export interface LimitOptions {
  /** Until a TCP connection to a server that has not answered lately is open. Default 5. */
  connectSeconds?: number
  /** Until the header of the response has come, connecting included. Default 30. */
  responseSeconds?: number
  /** How long what is paid for may be on its way, or a WebSocket open; the end of its token ends it sooner. Default 3600. */
  maxSessionSeconds?: number
  /** How long a client may send nothing of its content, or take nothing from a server with `maxConcurrent`. Default 30. */
  stallSeconds?: number
}
