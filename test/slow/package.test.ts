import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { serve, type ServerType } from '@hono/node-server'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOrigin } from '../../demo/origin.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { CONFIG, WORKER, NODE_APP, TSCONFIG, BILLING, BILLING_TSCONFIG } from './consumers.ts'

const root = join(import.meta.dirname, '../..')

const SECRET = '0123456789abcdef0123456789abcdef'

/** The ends of the range that package.json gives for its peer, each installed for the tests under a name of its own. */
const HONO = { newest: 'hono', oldest: 'hono-oldest' }

/** Parts of package.json that these tests look at. */
interface Manifest {
  readonly version: string
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly exports: Record<string, { types: string; default: string }>
}

let folder: string
let packed: string

beforeAll(() => {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  folder = mkdtempSync(join(root, '.faregate/package-'))
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist/of-an-earlier-build.js'), '')
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' })
  const tarball = execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'pipe',
    encoding: 'utf8',
  }).trim()
  execFileSync('tar', ['-xzf', tarball], { cwd: folder })
  packed = join(folder, 'package')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function manifestOf(path: string): Manifest {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
}

/** A project that has installed the package beside one release of Hono. */
function projectWith(hono: string): string {
  const project = join(folder, hono)
  const modules = join(project, 'node_modules')
  mkdirSync(modules, { recursive: true })
  cpSync(packed, join(modules, 'faregate'), { recursive: true })
  symlinkSync(join(root, 'node_modules', hono), join(modules, 'hono'))
  for (const name of Object.keys(manifestOf(packed).dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  // Without a scope of its own, `faregate` here would be the repository around it.
  writeFileSync(join(project, 'package.json'), '{ "name": "mine", "type": "module" }')
  writeFileSync(join(project, 'faregate.config.ts'), CONFIG)
  writeFileSync(join(project, 'worker.ts'), WORKER)
  writeFileSync(join(project, 'app.ts'), NODE_APP)
  writeFileSync(join(project, 'tsconfig.json'), TSCONFIG)
  return project
}

async function bundled(project: string, entry: string, platform: 'neutral' | 'node'): Promise<string> {
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
  const explained = await fetch(`${url}/__faregate/explain?target=/articles/1`)
  expect(explained.status).toBe(200)
  for (const [accept, type] of ACCEPTED) {
    const { headers, status } = await fetch(`${url}/articles/1`, { headers: { accept } })
    expect([status, headers.get('content-type')], accept).toEqual([402, expect.stringContaining(type)])
  }
}

/**
 * What a client accepts, and what it gets. Before 4.12.6 Hono's parser looked for the end of each quoted string
 * (RFC 9110 §5.6.4) anew at each semicolon, in time that grew with the square of the field.
 */
const ACCEPTED = [
  ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['application/json', 'application/problem+json'],
  ['application/json;q=0.6, text/html;of=",";q=0.5', 'application/problem+json'],
  ['application/json;q=0.6, text/html;q=0.9;of=","', 'text/html'],
] as const

/** The modules that can be reached from what package.json exports, by code or by types. */
function reached(entries: readonly string[]): Set<string> {
  const found = new Set<string>()
  const visit = (module: string): void => {
    if (found.has(module)) return
    found.add(module)
    const text = ['.js', '.d.ts'].map((end) => readFileSync(join(packed, module + end), 'utf8')).join('\n')
    const code = text.replaceAll(/^ *\/\*\*[\s\S]*?\*\/$/gm, '')
    for (const [, specifier = ''] of code.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g))
      visit(normalize(join(dirname(module), specifier)))
  }
  for (const entry of entries) visit(normalize(entry.replace(/\.d\.ts$|\.js$/, '')))
  return found
}

describe('the tarball', () => {
  it('holds what its exports reach and what a reader needs, and nothing of an earlier build', () => {
    const { exports } = manifestOf(packed)
    const modules = reached(Object.values(exports).flatMap(({ types, default: code }) => [types, code]))
    // What a Worker imports leads to nothing of the command line.
    const code = [...modules].map((module) => readFileSync(join(packed, `${module}.js`), 'utf8')).join('\n')
    expect([...modules].filter((module) => !module.startsWith('dist/src/'))).toEqual([])
    expect(code).not.toMatch(/from '(?:commander|node:|htmlparser2|wrangler|esbuild)/)
    const wanted = [...modules].flatMap((module) => [`${module}.d.ts`, `${module}.js`])
    const isCommandLine = (file: string): boolean => file.startsWith('dist/cli/') && file.endsWith('.js')
    const files = readdirSync(packed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(packed.length + 1))
    const vectors = readdirSync(join(root, 'vectors')).flatMap((name) =>
      name.endsWith('.json') ? `vectors/${name}` : [],
    )
    expect(files.filter((file) => !isCommandLine(file)).toSorted()).toEqual(
      [...wanted, ...vectors, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].toSorted(),
    )
  })

  it('brings no Node and nothing else that only we need, and takes the Hono that is there', () => {
    const manifest = manifestOf(packed)
    expect(Object.keys(manifest.dependencies).toSorted()).toEqual([
      '@noble/ciphers',
      '@noble/hashes',
      'commander',
      'htmlparser2',
      'ipaddr.js',
      'jose',
      'oauth4webapi',
      'structured-headers',
      'valibot',
    ])
    expect(manifest).not.toHaveProperty('optionalDependencies')
    expect(manifest).not.toHaveProperty('bundleDependencies')
    expect(manifest.peerDependencies).toEqual({ hono: expect.any(String), wrangler: expect.any(String) })
    expect(manifest).toHaveProperty('peerDependenciesMeta', { wrangler: { optional: true } })
  })

  it('names the range of Hono by the oldest release that is tested', () => {
    const [newest, oldest] = [HONO.newest, HONO.oldest].map(
      (name) => manifestOf(join(root, 'node_modules', name)).version,
    )
    expect(manifestOf(packed).peerDependencies['hono']).toBe(`^${oldest}`)
    expect(newest).not.toBe(oldest)
  })
})

describe.each(Object.entries(HONO))('the package, installed beside the %s Hono', (_, hono) => {
  let project: string
  beforeAll(() => {
    project = projectWith(hono)
  })

  it('makes a Worker of three lines', async () => {
    const origin = await startOrigin({})
    const gate = await startWorkerd({
      module: await bundled(project, 'worker.ts', 'neutral'),
      vars: { TOKEN_SECRET: SECRET, ORIGIN_URL: origin.url },
    })
    try {
      await answers(gate.url, /The night ferry is coming back/)
    } finally {
      await gate.stop()
      await origin.close()
    }
  })

  it('is middleware in Node, before an app that is its own origin', async () => {
    process.env['TOKEN_SECRET'] = SECRET
    const { app }: { app: { fetch: (request: Request) => Promise<Response> } } = await import(
      await bundled(project, 'app.ts', 'node')
    )
    const url = await new Promise<{ url: string; server: ServerType }>((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve({ url: `http://127.0.0.1:${port}`, server }),
      )
    })
    try {
      await answers(url.url, /the app, for account-1/)
    } finally {
      url.server.close()
    }
  })

  it('fits its types', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
    expect([stdout, status]).toEqual(['', 0])
  })
})

describe('the billing side of the package', () => {
  let project: string
  beforeAll(() => {
    project = join(folder, 'billing')
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, '@types'), { recursive: true })
    cpSync(packed, join(modules, 'faregate'), { recursive: true })
    for (const name of ['jose', '@types/node', 'undici-types'])
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
    writeFileSync(join(project, 'package.json'), '{ "name": "mine", "type": "module" }')
    writeFileSync(join(project, 'billing.ts'), BILLING)
    writeFileSync(join(project, 'tsconfig.json'), BILLING_TSCONFIG)
  })

  it('runs in Node beside jose alone', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['billing.ts'], { cwd: project, encoding: 'utf8' })
    expect([stdout.trim(), stderr.includes('Error')]).toEqual(['[true,"signature"]', false])
  })

  it('fits its types without those of Workers or of a browser', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
    expect([stdout, status]).toEqual(['', 0])
  })
})
