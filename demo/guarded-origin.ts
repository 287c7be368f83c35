import { Hono } from 'hono'
import { jwtVerify } from 'jose'
import { type Listening, listen } from './listen.ts'

export type GuardedOptions = {
  readonly port?: number
  /** The public half of the key that the gate signs with, or the secret that both have. */
  readonly key: CryptoKey | Uint8Array
  readonly algorithm: 'ES256' | 'Ed25519' | 'HS256'
}

/** An origin that serves what comes through the gate, and refuses everyone else with 403. */
export function startGuardedOrigin({ port = 0, key, algorithm }: GuardedOptions): Promise<Listening> {
  return listen(port, (url) => {
    const app = new Hono()
    app.use(async (c, next) => {
      const assertion = c.req.header('faregate-assertion') ?? ''
      const sent = { method: c.req.method, path: new URL(c.req.url).pathname }
      if (!(await isFromTheGate(assertion, sent))) return c.text('Only through the gate.\n', 403)
      return next()
    })
    app.get('*', (c) => c.text('the page', { headers: { 'cache-control': 'no-store' } }))

    /** The gate vouches for one method and path at one server; `exp` bounds for how long. */
    async function isFromTheGate(assertion: string, sent: { method: string; path: string }): Promise<boolean> {
      try {
        const { payload } = await jwtVerify(assertion, key, {
          algorithms: [algorithm],
          typ: 'faregate-assertion+jwt',
          issuer: 'faregate',
          audience: url,
          requiredClaims: ['exp'],
        })
        return payload['method'] === sent.method && payload['path'] === sent.path
      } catch {
        return false
      }
    }
    return app
  })
}
