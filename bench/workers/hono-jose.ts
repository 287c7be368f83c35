import { Hono } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { AUDIENCE, ISSUER } from './claims.ts'
import { PAGE } from './pages.ts'

let keys: ReturnType<typeof createLocalJWKSet> | undefined

/** The paywall that anyone would write first: every request's token is verified, and nothing else is looked at. */
export default new Hono<{ Bindings: { readonly KEYS: string } }>().get('/articles/:slug', async (c) => {
  keys ??= createLocalJWKSet({ keys: JSON.parse(c.env.KEYS) as JSONWebKeySet['keys'] })
  const token = c.req.header('authorization')?.slice('Bearer '.length) ?? ''
  try {
    await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE })
  } catch {
    return c.text('Payment required', 402)
  }
  return c.text(PAGE)
})
