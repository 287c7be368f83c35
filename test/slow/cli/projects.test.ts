import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LLM_PROVIDERS } from '../../../cli/init/llm.ts'
import { MODEL_KEYS } from '../../../demo/models/models.ts'
import { serveModels } from '../../../demo/models/serve.ts'
import { catalogueIds } from '../../../src/meters/llm/catalogue.ts'
import { open, shut } from '../../../tools/loopback.ts'
import { installPackage, type Installed, writeSecrets } from './installed.ts'

const SECRETS = ['ACCOUNT_HASH_KEY', 'GATE_SECRET']
  .map((name) => `${name}=a secret of the tests, of thirty-two bytes ${name}\n`)
  .join('')

const run = promisify(execFile)
let installed: Installed
let origin: Server
let originUrl: string
/** Called when a slow page was asked for. */
let onSlow: (answer: () => void) => void = (answer) => answer()

beforeAll(async () => {
  installed = installPackage()
  origin = createServer((request, response) => {
    const answer = (): unknown => response.setHeader('content-type', 'text/html').end(`<h1>${request.url}</h1>`)
    if (request.url?.endsWith('slow') === true) onSlow(answer)
    else answer()
  })
  originUrl = await open(origin)
}, 120_000)
afterAll(async () => {
  await shut(origin)
  installed.remove()
})

const OWN = ['--issuer', 'billing', '--jwks', 'billing.jwks.json', '--host', 'www.example.com']
const KINDS = [
  ['publisher', 'a site', ['--origin', 'URL'], '/articles/1', 'premium'],
  ['publisher', 'WordPress', ['--origin', 'wordpress', '--origin-url', 'URL'], '/hello-world/', 'premium'],
  ['publisher', 'Ghost', ['--origin', 'ghost', '--origin-url', 'URL'], '/hello-world/', 'premium'],
  ['api', 'a server', ['--origin', 'URL'], '/v1/things', 'api'],
  ['hono', 'an app', [], '/articles/1', 'premium'],
] as const

async function newProject(name: string, kind: string, options: readonly string[]): Promise<string> {
  const folder = installed.project(name)
  await installed.run(folder, ['keys', 'generate', '--out', 'billing.jwks.json'])
  const given = options.map((each) => (each === 'URL' ? originUrl : each))
  const made = await installed.run(folder, ['init', kind, ...given, ...OWN])
  expect(made).toMatchObject({ code: 0, err: '' })
  return folder
}

async function tokenIn(folder: string, entitlement: string): Promise<string> {
  const args = ['token', 'entitlement', '--key', 'billing.key.json', '--account', 'account-1']
  const { out } = await installed.run(folder, [...args, '--entitlements', entitlement])
  return out.trim()
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

describe('a project from an empty folder', () => {
  it.each(KINDS)('of the kind %s, with %s, passes check, starts, refuses and serves', async (...row) => {
    const [kind, what, options, path, entitlement] = row
    const folder = await newProject(`new-${kind}-${what.replaceAll(/\W/g, '')}`, kind, options)
    const checked = await installed.run(folder, ['check'])
    expect([checked.code, checked.err]).toEqual([0, ''])
    writeSecrets(folder, `${SECRETS}ORIGIN_URL=${originUrl}\n`)
    const gate = await installed.start(folder)
    try {
      expect((await fetch(`${gate.url}${path}`)).status).toBe(402)
      const paid = await fetch(`${gate.url}${path}`, bearer(await tokenIn(folder, entitlement)))
      expect(paid.status).toBe(200)
      expect(await paid.text()).toContain(kind === 'hono' ? 'account-1' : path)
    } finally {
      expect(await gate.end()).toBe(0)
    }
  })

  const OIDC = [
    '--issuer',
    'oidc',
    '--issuer-url',
    'https://login.example.com',
    '--audience',
    'https://www.example.com',
  ]
  const SIGN_IN = [...OIDC, '--jwks-uri', 'https://login.example.com/jwks', '--sign-in', 'news']
  it('whose readers sign in passes check, and starts once it has its secrets', async () => {
    const folder = installed.project('new-sign-in')
    const made = ['init', 'publisher', '--origin', 'https://o.example.com', '--host', 'www.example.com', ...SIGN_IN]
    expect(await installed.run(folder, made)).toMatchObject({ code: 0, err: '' })
    const checked = await installed.run(folder, ['check'])
    expect([checked.code, checked.err]).toEqual([0, ''])
    expect(readFileSync(join(folder, 'wrangler.toml'), 'utf8')).toContain('"CLIENT_SECRET"')
    writeSecrets(folder, `${SECRETS}CLIENT_SECRET=the secret of the client, of enough bytes\nORIGIN_URL=${originUrl}\n`)
    const gate = await installed.start(folder)
    try {
      const refused = await fetch(`${gate.url}/articles/1`)
      expect([refused.status, await refused.text()]).toEqual([402, expect.stringContaining('/__faregate/')])
    } finally {
      expect(await gate.end()).toBe(0)
    }
  })

  it.each([
    ['both ways to sign in', ['--stripe', 'price_1', '--sign-in', 'news'], /--sign-in: not with --stripe/],
    [
      'two tenants',
      ['--issuer', 'entra', '--tenant', 'a', '--tenant', 'b', '--audience', 'c', '--sign-in', 'news'],
      /--sign-in: expected one issuer/,
    ],
  ])('of %s is not written', async (name, options, message) => {
    const folder = installed.project(`not-${name.replaceAll(' ', '-')}`)
    const made = ['init', 'publisher', '--origin', 'https://o.example.com', '--host', 'www.example.com', ...options]
    const { code, err } = await installed.run(folder, made)
    expect([code, err]).toEqual([2, expect.stringMatching(message)])
  })

  it('has no secret in it, and the private key of billing only in a file of its owner', async () => {
    const folder = await newProject('secrets', 'publisher', ['--origin', 'URL'])
    expect(statSync(join(folder, 'billing.key.json')).mode & 0o777).toBe(0o600)
    const key = readFileSync(join(folder, 'billing.key.json'), 'utf8')
    const [, secret = ''] = /"d": "([^"]+)"/.exec(key) ?? []
    for (const name of ['faregate.config.ts', 'wrangler.toml', '.dev.vars.example', 'README.md', 'billing.jwks.json'])
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(secret)
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toMatch(/^\*\.key\.json$/m)
  })

  it('is not written over, and its package file and .gitignore are added to', async () => {
    const folder = installed.project('existing')
    const mine = { name: 'mine', version: '3.0.0', scripts: { start: 'mine' }, dependencies: { hono: '4.13.0' } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(mine, null, 4))
    writeFileSync(join(folder, '.gitignore'), 'mine\nnode_modules')
    const args = ['init', 'hono', '--issuer', 'billing', '--host', 'www.example.com']
    expect(await installed.run(folder, args)).toMatchObject({ code: 0 })
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(manifest).toEqual({
      ...mine,
      scripts: { start: 'mine', check: 'faregate check', deploy: 'wrangler deploy' },
      dependencies: { hono: '4.13.0', faregate: expect.any(String) },
      devDependencies: { wrangler: expect.any(String) },
    })
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toMatch(/^mine\nnode_modules\n\.dev\.vars\n/)
    writeFileSync(join(folder, 'app.ts'), '// mine')
    const again = await installed.run(folder, args)
    expect([again.code, again.out]).toEqual([1, ''])
    expect(again.err).toMatch(/^faregate init: faregate\.config\.ts, app\.ts, .*: there already; --force overwrites\n$/)
    expect(readFileSync(join(folder, 'app.ts'), 'utf8')).toBe('// mine')
    expect(await installed.run(folder, [...args, '--force'])).toMatchObject({ code: 0 })
    expect(readFileSync(join(folder, 'app.ts'), 'utf8')).not.toBe('// mine')
  })

  it('asks nothing without a terminal, and says which options it lacks', async () => {
    const folder = installed.project('unasked')
    const { code, err } = await installed.run(folder, ['init', 'publisher'])
    expect(code).toBe(2)
    expect(err).toMatch(/^faregate init: there is no terminal to ask in, so give --origin .*--host .*--issuer /)
    expect(existsSync(join(folder, 'package.json'))).toBe(false)
  })
})

describe('a project before a provider of language models', () => {
  it.each(Object.entries(LLM_PROVIDERS))(
    'of %s passes check once it has its key, and sells the call that it shows',
    async (name, provider) => {
      const models = await serveModels({ keys: { compatible: '' } })
      const folder = installed.project(`llm-${name}`)
      const made = await installed.run(folder, ['init', '--llm', name, '--origin', `${models.url}/${name}`])
      expect(made).toMatchObject({ code: 0, err: '' })
      const { secret } = provider
      if (secret !== undefined) appendFileSync(join(folder, '.dev.vars'), `${secret}=${MODEL_KEYS[name as 'openai']}\n`)
      const checked = await installed.run(folder, ['check'])
      expect([checked.code, checked.err]).toEqual([0, ''])
      const gate = await installed.start(folder)
      try {
        const order = { FAREGATE_GATE: gate.url, FAREGATE_OPERATOR_KEY: 'billing.key.json' }
        const granted = ['credit', '--account', 'me', '--amount', `1 ${provider.currency}`]
        expect(await installed.run(folder, granted, order)).toMatchObject({ code: 0 })
        const key = await installed.run(
          folder,
          ['key', 'create', '--account', 'me', '--name', 'first', '--entitlements', 'api'],
          order,
        )
        const call = /curl .*/.exec(made.out)?.[0].replaceAll('http://localhost:8787', gate.url) ?? ''
        const { stdout } = await run('bash', ['-c', call], { env: { PATH: process.env['PATH'], KEY: key.out.trim() } })
        // Google's SDK for Python fails on comments, so streams of Gemini have none.
        const end =
          name === 'gemini'
            ? /"finishReason"/
            : /: faregate \{"charge":"[-\w]+","amount":"0\.0\d+","currency":"\w{3}"\}/
        expect(stdout).toMatch(end)
        expect(models.log).toMatchObject([{ state: 'done', body: name === 'gemini' ? {} : { model: provider.model } }])
      } finally {
        await gate.end()
        await models.close()
      }
    },
  )

  it('names a model of the built-in list for its first call', () => {
    const listed = Object.values(LLM_PROVIDERS).filter(({ options }) => options['models'] === 'catalogue')
    expect(listed.map(({ factory }) => factory)).toEqual(['openai', 'anthropic', 'gemini', 'mistral'])
    for (const { factory, model } of listed) expect(catalogueIds(factory)).toContain(model)
  })

  it('keeps the keys and secrets that are there, whatever is asked for', async () => {
    const folder = installed.project('llm-again')
    await installed.run(folder, ['init', '--llm', 'openai'])
    const kept = ['billing.key.json', '.dev.vars', 'billing.jwks.json'].map((name) => join(folder, name))
    const before = kept.map((file) => readFileSync(file, 'utf8'))
    expect(await installed.run(folder, ['init', '--llm', 'anthropic'])).toMatchObject({ code: 1, out: '' })
    expect(await installed.run(folder, ['init', '--llm', 'anthropic', '--force'])).toMatchObject({ code: 0 })
    expect(kept.map((file) => readFileSync(file, 'utf8'))).toEqual(before)
    for (const file of kept.slice(0, 2)) expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'faregate.config.ts'), 'utf8')).toContain('anthropic({')
  })

  it.each([
    [['init', 'api', '--llm', 'openai'], /--llm: not with another kind/],
    [['init', '--llm', 'opnai'], /--llm: expected one of openai, anthropic/],
    [['init', 'llm'], /give --llm openai \| anthropic/],
  ])('is refused for %j', async (args, said) => {
    const { code, err } = await installed.run(installed.project(`llm-${args.join('-')}`), args)
    expect(code).toBe(2)
    expect(err).toMatch(said)
  })
})

describe('faregate start', () => {
  let folder: string
  beforeAll(async () => {
    folder = await newProject('started', 'publisher', ['--origin', 'URL'])
    writeSecrets(folder, `${SECRETS}ORIGIN_URL=${originUrl}\n`)
  })

  it('ends when its requests have ended', async () => {
    const gate = await installed.start(folder)
    const token = await tokenIn(folder, 'premium')
    const asked = Promise.withResolvers<() => void>()
    onSlow = asked.resolve
    const slow = fetch(`${gate.url}/articles/slow`, bearer(token))
    const answer = await asked.promise
    const ended = gate.end()
    await gate.said('faregate: stopping')
    answer()
    expect(await (await slow).text()).toContain('/articles/slow')
    expect(await ended).toBe(0)
  })

  it('lets one process at a time have a state folder', async () => {
    const gate = await installed.start(folder)
    const second = await installed.run(folder, ['start', '--port', '0'])
    expect([second.code, second.out]).toEqual([1, ''])
    expect(second.err).toContain('is in use by another')
    expect(await gate.end()).toBe(0)
    // One that was killed leaves no lock behind.
    const killed = await installed.start(folder)
    await killed.end('SIGKILL')
    await refused(killed.url)
    expect(await (await installed.start(folder)).end('SIGINT')).toBe(0)
  })

  it.each([
    [
      'a secret that is missing',
      [],
      'ORIGIN_URL=http://127.0.0.1:1\n',
      /the secrets? ACCOUNT_HASH_KEY.*: set in \.dev\.vars/,
    ],
    ['a module that is missing', ['--module', 'absent.js'], SECRETS, /absent\.js/],
    ['a port that is none', ['--port', '70000'], SECRETS, /--port: expected a whole number up to 65535/],
  ])('refuses %s in a line', async (what, args, secrets, said) => {
    const other = await newProject(`refused-${what.replaceAll(' ', '')}`, 'publisher', ['--origin', 'URL'])
    writeSecrets(other, secrets)
    const { code, err } = await installed.run(other, ['start', '--port', '0', ...args])
    expect(code).toBeGreaterThan(0)
    expect(err).toMatch(said)
    expect(err).not.toContain('    at ')
  })
})

/** Resolves when nothing takes connections there. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(url, { headers: { connection: 'close' } })).text()
    } catch {
      return
    }
  }
}
