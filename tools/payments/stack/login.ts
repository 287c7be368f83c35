import { text } from 'node:stream/consumers'
import { json, serve, type Served } from './serve.ts'

export interface LoginDouble extends Served {
  /** The forms that were sent to the token endpoint, in order. */
  readonly exchanged: readonly Readonly<Record<string, string>>[]
}

/** Starts an authorization server that gives everyone the token of `tokenFor`. */
export async function startLogin(tokenFor: () => Promise<string>): Promise<LoginDouble> {
  const exchanged: Record<string, string>[] = []
  const served = await serve(async (request, response) => {
    const { host = '' } = request.headers
    const issuer = `http://${host}`
    if (request.url === '/.well-known/oauth-authorization-server')
      return json(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      })
    if (request.url !== '/token') return json(response, 404, {})
    exchanged.push(Object.fromEntries(new URLSearchParams(await text(request))))
    return json(response, 200, { access_token: await tokenFor(), token_type: 'Bearer', expires_in: 600 })
  })
  return { ...served, exchanged }
}
