import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDeployment } from '../../cli/check/check-deployment.ts'
import { makeKey, sign } from '../support/issuer.ts'
import { wranglerFileIn } from '../../cli/check/wrangler-config.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faregate-'))
})
afterAll(() => rm(folder, { recursive: true }))

const DEPLOYED = {
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
  origin: { servers: [{ url: 'https://o.test' }] },
  routes: [],
  remedies: { documentation: 'https://d.test/' },
}

/** What `npm run check:config` makes of this file. */
async function check(text: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'faregate.config.ts')
  await writeFile(file, text)
  try {
    const { stdout, stderr } = await run(process.execPath, [join(root, 'cli/main.ts'), 'check', ...args, file], {
      cwd: root,
    })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

describe('npm run check:config', () => {
  it('reports all faults with their paths, and how many they are', async () => {
    const { code, out, err } = await check('export default { zones: [], log: { accountKey: "ABSENT" }, logs: {} }')
    expect([code, out]).toEqual([1, ''])
    for (const path of ['zones', 'log.accountKey', 'logs']) expect(err).toContain(`${path}: `)
    expect(err).toContain('3 faults')
  })

  it('says which routes some server could read as another, and which of them a reading decides on', async () => {
    const zone = {
      name: 'a',
      hosts: ['a.test'],
      audience: 'https://a.test',
      issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
      origin: { servers: [{ url: 'https://o.test' }] },
      routes: [
        { path: '/app/*', requires: 'premium' },
        { path: '/app.js', free: true },
        { path: '/articles/feed.xml', free: true },
        { path: '/members', requires: 'premium' },
        { path: '/members.', free: true },
        { path: '/staff', requires: 'staff' },
        { path: '/staff.', requires: 'premium' },
        { path: '/*', query: { rest_route: true, format: 'pdf' }, requires: 'premium' },
      ],
      unmatched: 'free',
      remedies: { documentation: 'https://d.test/' },
    }
    const { code, out } = await check(`import { bearer } from '${root}/src/index.ts'
export default { zones: [{ ...${JSON.stringify(zone)}, rails: [bearer()] }] }`)
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}\/\*\?rest_route&format=pdf +paid/m)
    const notes = out.split('\n').filter((line) => line.includes('note:'))
    expect(notes.map((line) => line.trim()).toSorted()).toEqual([
      'note: /app.js: free, as it says; an origin that ignores what a name ends in serves /app (/app/*) there',
      'note: /members.: paid, not free, for it can be read as /members (/members)',
      'note: /staff.: no request is let through, for it can be read as /staff (/staff)',
    ])
  })

  it('runs a token through each zone, and prints none of it', async () => {
    const [file, jwks] = [join(folder, 'token.txt'), join(folder, 'jwks.json')]
    const key = await makeKey('ES256', 'k')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'https://i.test', aud: 'https://a.test', sub: 'u', iat: now, exp: now + 60 }
    const token = await sign(key, { ...claims, entitlements: ['premium'] })
    await writeFile(file, `Bearer ${token}\n`)
    await writeFile(jwks, JSON.stringify({ keys: [key.jwk] }))
    const config = `import { bearer } from '${root}/src/index.ts'
export default { zones: [{ ...${JSON.stringify({ ...DEPLOYED, name: 'a', unmatched: 'free' })}, rails: [bearer()] }] }`
    const taken = await check(config, '--token', file, '--jwks', jwks)
    expect(taken).toMatchObject({ code: 0, out: expect.stringContaining('a: taken by https://i.test') })
    const { code, out } = await check(config, '--json', '--token', file, '--jwks', jwks)
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, tokens: [{ says: { account: 'u' } }] }])
    for (const part of token.split('.')) expect(`${taken.out}${out}`).not.toContain(part)
    await writeFile(file, await sign(key, { ...claims, iss: 'https://j.test' }))
    expect(await check(config, '--token', file, '--jwks', jwks)).toMatchObject({ code: 1 })
    await writeFile(file, token)
    const unknown = await check(config.replace('https://i.test/jwks', 'http://127.0.0.1:1/jwks'), '--token', file)
    expect(unknown).toMatchObject({ code: 3, out: expect.stringContaining('not checked') })
    expect(await check(config, '--jwks', jwks)).toMatchObject({ code: 2 })
  })

  it('warns of what a deploy would leave behind, once it was told what is deployed', async () => {
    const zone = (names: object) =>
      `({ ...${JSON.stringify({ ...DEPLOYED, ...names })}, rails: [bearer(), receipt()], unmatched: 'free' })`
    const checked = (names: object, ledger: object, ...args: string[]) =>
      check(
        `import { bearer, receipt } from '${root}/src/index.ts'
export default { zones: [${zone(names)}], ledger: ${JSON.stringify(ledger)} }`,
        ...args,
      )
    const news = { name: 'news', ledger: { jurisdiction: 'eu' } }
    expect((await checked(news, {})).out).toContain('Nothing is recorded of what is deployed')
    const recorded = await checked(news, {}, '--record')
    expect(recorded.out).toContain('recorded in faregate.deployed.json')
    expect(recorded.out).toContain('note: ledgers of accounts are in the jurisdiction eu, which is fixed at the first')
    expect(recorded.out).toContain('note: ledgers of receipts and payments are in the jurisdiction none')
    const warnings = async (names: object, ledger: object) =>
      (await checked(names, ledger)).err.match(/^warning: .*/gm) ?? []
    expect(await warnings(news, {})).toEqual([])
    expect(await warnings({ ...news, name: 'press', id: 'news' }, {})).toEqual([])
    expect(await warnings({ ...news, name: 'press' }, {})).toEqual([
      expect.stringMatching(/^warning: the zone "news" is deployed, .* give that zone id: 'news'$/),
    ])
    expect(await warnings({ name: 'news', ledger: {} }, { jurisdiction: 'us' })).toEqual([
      expect.stringMatching(/the accounts of the zone "news" .* in the jurisdiction eu, not none/),
      expect.stringMatching(/receipts and payments, spent ones too, .* in the jurisdiction none, not us/),
    ])
  })

  it.each([
    [['--help'], 0, /Reports every fault[^]*--fetch/],
    [['--fecth', '/a'], 2, /^faregate check: Unknown option '--fecth'[^]*--help\n$/],
    [['absent.config.ts'], 2, /^faregate check: there is no .*absent\.config\.ts\n$/],
    [['test'], 2, /^faregate check: there is no .*test.faregate\.config\.ts\n$/],
    [['demo', 'bench'], 2, /^faregate check: one folder or file at a time, not also "bench"\n$/],
  ])('answers %j in a line or with its help, and with no stack', async (args, expected, said) => {
    const asked = run(process.execPath, [join(root, 'cli/main.ts'), 'check', ...args], { cwd: root })
    const { code, stdout, stderr } = await asked.then(
      (done) => ({ code: 0, ...done }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )
    expect(code).toBe(expected)
    expect(`${stdout}${stderr}`).toMatch(said)
  })

  it('says what a configuration throws, and where', async () => {
    const { code, err } = await check('\nexport default (env) => ({ zones: env.ABSENT.split(",") })')
    expect(code).toBe(1)
    expect(err).toMatch(/TypeError: Cannot read properties of undefined \(reading 'split'\)[^]*faregate\.config\.ts:2:/)
  })

  it('reads wrangler.jsonc before wrangler.toml, as wrangler does, and tells its keys', async () => {
    const project = await mkdtemp(join(folder, 'project-'))
    await writeFile(join(project, 'wrangler.toml'), 'name = "gate"')
    expect(wranglerFileIn(project)).toBe(join(project, 'wrangler.toml'))
    const file = join(project, 'wrangler.jsonc')
    await writeFile(file, '{ /* mine */ "name": "gate", "workers_dev": true, "preview_urls": false }')
    expect(wranglerFileIn(project)).toBe(file)
    const lines = await checkDeployment({ zones: [] }, file)
    expect(lines).toContainEqual(expect.stringMatching(/wrangler\.jsonc: workers_dev: is on: a second door/))
  })
})
