import { beforeEach, expect, it, vi } from 'vitest'
import { generateNonce, jwkToKeyID, helpers, signatureHeaders } from 'web-bot-auth'
import { Ed25519Signer } from 'web-bot-auth/crypto'
import { exportJWK } from 'jose'
import { verifiedAgents } from '../../../src/index.ts'
import { BOT, type CrawledSite, openSite, PAGE, Web } from './site.ts'

// The signer that Cloudflare publishes for crawlers, as it is.

const { privateKey, publicKey } = (await crypto.subtle.generateKey('Ed25519', true, [
  'sign',
  'verify',
])) as CryptoKeyPair
const { kty, crv, x } = await exportJWK(publicKey)
const jwk = { kty, crv, x } as { kty: string; crv: string; x: string }
const keyid = await jwkToKeyID(jwk, helpers.WEBCRYPTO_SHA256, helpers.BASE64URL_DECODE)
const signer = new Ed25519Signer(keyid, privateKey)

let site: CrawledSite

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const web = new Web()
  web.publish({ url: BOT, jwk })
  const exemptions = [verifiedAgents({ agents: [BOT] })]
  site = openSite({ web, options: { agents: { [BOT]: { billing: 'postpaid' } } }, zone: { exemptions } })
})

async function signed(fields: Record<string, string>, components?: string[]): Promise<Record<string, string>> {
  const request = new Request(PAGE, { headers: fields })
  const created = new Date(site.now)
  const times = { created, expires: new Date(site.now + 60_000), nonce: generateNonce() }
  const added = await signatureHeaders(request, signer, { ...times, ...(components && { components }) })
  return { ...fields, signature: added.Signature, 'signature-input': added['Signature-Input'] }
}

it('pays for a page with all that a payment has to cover', async () => {
  const fields = { 'signature-agent': `"${BOT}"`, 'crawler-exact-price': 'USD 0.75' }
  const response = await site.ask(
    await signed(fields, ['@method', '@target-uri', 'signature-agent', 'crawler-exact-price']),
  )
  expect([response.status, response.headers.get('crawler-charged')]).toEqual([200, 'USD 0.75'])
})

it('pays for nothing with what it covers by itself: the authority and its agent', async () => {
  const fields = { 'signature-agent': `"${BOT}"`, 'crawler-exact-price': 'USD 0.75' }
  const response = await site.ask(await signed(fields))
  expect([response.status, response.headers.get('crawler-error')]).toEqual([400, 'InvalidSignature'])
})

it('reads for nothing with that, where the operator names it', async () => {
  expect((await site.ask(await signed({ 'signature-agent': `"${BOT}"` }))).status).toBe(200)
})
