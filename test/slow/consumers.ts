/** What users of the installed package write. */

/** What a user writes who installs the package: a configuration, and a Worker of three lines around it. */
export const CONFIG = `
import { bearer, defineConfig, explain, html, type Options } from 'faregate'
export default defineConfig((env): Options => ({
  endpoints: [explain()],
  zones: [{
    name: 'mine',
    hosts: ['127.0.0.1', 'localhost'],
    audience: 'https://mine.example',
    issuers: [{ issuer: 'https://billing.mine.example', secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    origin: { servers: [{ url: env.ORIGIN_URL ?? 'https://origin.mine.example' }] },
    routes: [{ path: '/articles/*', requires: 'premium' }],
    unmatched: 'free',
    refusals: [html()],
    remedies: { documentation: 'https://mine.example/problems' },
  }],
}))
`
export const WORKER = `
import { faregate } from 'faregate/cloudflare'
import config from './faregate.config.ts'
const { Gate, Origin } = faregate(config)
export { Gate as default, Origin }
`
export const NODE_APP = `
import { Hono } from 'hono'
import { paywall, type PaywallEnv } from 'faregate/hono'
import config from './faregate.config.ts'
export const app = new Hono<PaywallEnv>()
app.use(paywall(config))
app.get('*', (c) => c.text('the app, for ' + c.var.faregate.account))
`
export const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'esnext',
    moduleResolution: 'bundler',
    types: ['@cloudflare/workers-types'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
  include: ['*.ts'],
})
/** What a billing backend writes, which has no gate: it asks for nothing but jose and the types of Node. */
export const BILLING = `
import { createIssuer, generateKeys, InvalidClaimsError, rotateKeys, verifyUsage, type UsageRecord } from 'faregate/billing'
import { createLocalJWKSet, jwtVerify } from 'jose'
const keys = rotateKeys(await generateKeys(), await generateKeys('ES256'))
const billing = createIssuer({ issuer: 'https://billing.mine.example', audience: 'https://mine.example', keys })
const token = await billing.signEntitlement({ account: 'account-1', entitlements: ['premium'] })
await jwtVerify(token, createLocalJWKSet({ keys: [...billing.jwks().keys] }))
const refused = await billing.signReceipt({ amount: '1,5', currency: 'USD', resource: '/' }).catch((error: unknown) => error)
const usage = await verifyUsage(new Request('https://billing.mine.example/usage', { method: 'POST', body: '[]' }), 'secret')
const records: readonly UsageRecord[] = usage.ok ? usage.value : []
console.log(JSON.stringify([refused instanceof InvalidClaimsError, usage.ok ? records : usage.error.reason]))
`
export const BILLING_TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  },
  include: ['*.ts'],
})
