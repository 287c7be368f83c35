import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve, type ServerType } from '@hono/node-server'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOrigin } from '../../demo/origin.ts'
import { startWorkerd } from '../../tools/workerd.ts'

const root = join(import.meta.dirname, '../..')

/** What a user writes who installs the package: a configuration, and a Worker of three lines around it. */
const CONFIG = `
import { defineConfig } from 'faregate'
export default defineConfig((env) => ({
  zones: [{
    name: 'mine',
    hosts: ['127.0.0.1', 'localhost'],
    audience: 'https://mine.example',
    issuers: [{ issuer: 'https://billing.mine.example', secret: 'TOKEN_SECRET' }],
    origin: { servers: [{ url: env.ORIGIN_URL ?? 'https://origin.mine.example' }] },
    routes: [{ path: '/articles/*', requires: 'premium' }],
    unmatched: 'free',
    remedies: { documentation: 'https://mine.example/problems' },
  }],
}))
`
const WORKER = `
import { faregate } from 'faregate/cloudflare'
import config from './faregate.config.ts'
const { Gate, Origin } = faregate(config)
export { Gate as default, Origin }
`
const NODE_APP = `
import { Hono } from 'hono'
import { paywall } from 'faregate/hono'
import config from './faregate.config.ts'
export const app = new Hono()
app.use(paywall(config))
app.get('*', (c) => c.text('the app'))
`
const SECRET = '0123456789abcdef0123456789abcdef'

let project: string

beforeAll(() => {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  project = mkdtempSync(join(root, '.faregate/package-'))
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' })
  const tarball = execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
  }).trim()
  execFileSync('tar', ['-xzf', tarball], { cwd: project })
  mkdirSync(join(project, 'node_modules'))
  cpSync(join(project, 'package'), join(project, 'node_modules/faregate'), { recursive: true })
  for (const name of ['hono', 'jose', 'valibot', 'structured-headers'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name))
  writeFileSync(join(project, 'faregate.config.ts'), CONFIG)
  writeFileSync(join(project, 'worker.ts'), WORKER)
  writeFileSync(join(project, 'app.ts'), NODE_APP)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

async function bundled(entry: string, platform: 'neutral' | 'node'): Promise<string> {
  const outfile = join(project, `${entry}.mjs`)
  await build({
    entryPoints: [join(project, entry)],
    bundle: true,
    format: 'esm',
    platform,
    outfile,
    external: ['cloudflare:*'],
    conditions: ['workerd', 'import'],
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  })
  return outfile
}

async function token(): Promise<string> {
  const { SignJWT } = await import('jose')
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ entitlements: ['premium'] })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer('https://billing.mine.example')
    .setAudience('https://mine.example')
    .setSubject('account-1')
    .setIssuedAt(now)
    .setExpirationTime(now + 600)
    .sign(new TextEncoder().encode(SECRET))
}

async function answers(url: string, page: RegExp): Promise<void> {
  const refused = await fetch(`${url}/articles/1`)
  expect(refused.status).toBe(402)
  expect(await refused.json()).toMatchObject({ reason: 'payment-required' })
  const paid = await fetch(`${url}/articles/1`, { headers: { authorization: `Bearer ${await token()}` } })
  expect(paid.status).toBe(200)
  expect(await paid.text()).toMatch(page)
}

describe('the package, installed from its tarball', () => {
  it('makes a Worker of three lines', async () => {
    const origin = await startOrigin({})
    const gate = await startWorkerd({
      module: await bundled('worker.ts', 'neutral'),
      vars: { TOKEN_SECRET: SECRET, ORIGIN_URL: origin.url },
    })
    try {
      await answers(gate.url, /Article 1/)
    } finally {
      await gate.stop()
      await origin.close()
    }
  })

  it('is Hono middleware in Node, before an app that is its own origin', async () => {
    process.env['TOKEN_SECRET'] = SECRET
    const { app }: { app: { fetch: (request: Request) => Promise<Response> } } = await import(
      await bundled('app.ts', 'node')
    )
    const url = await new Promise<{ url: string; server: ServerType }>((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve({ url: `http://127.0.0.1:${port}`, server }),
      )
    })
    try {
      await answers(url.url, /the app/)
    } finally {
      url.server.close()
    }
  })
})
