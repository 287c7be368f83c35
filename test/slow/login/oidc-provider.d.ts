declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  /** An OpenID provider. The package has no types of its own. */
  export class Provider {
    constructor(issuer: string, configuration: object)
    once(event: string, listener: () => void): void
    callback(): (request: IncomingMessage, response: ServerResponse) => void
  }
}
