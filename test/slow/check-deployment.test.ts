import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/options.ts'
import { checkDeployment } from '../../cli/check/check-deployment.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
let parent: string

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'faregate-'))
})
afterAll(() => rm(parent, { recursive: true }))

const WRANGLER = `name = "gate"
main = "worker.ts"
compatibility_date = "2026-10-20"
compatibility_flags = ["enable_request_signal"]
workers_dev = false
preview_urls = false
routes = [
  # The site.
  { pattern = "www.example.com/*", zone_name = "example.com" },
]

[vars]
ORIGIN_URL = "https://origin.example.com"

[secrets]
required = ["TOKEN_SECRET"]

[cache]
enabled = true

[exports.default]
type = "worker"
cache = { enabled = false }

[exports.Ledger]
type = "durable-object"
storage = "sqlite"

[[durable_objects.bindings]]
name = "LEDGER"
class_name = "Ledger"
`

const CONFIG = `
import { bearer } from '${join(import.meta.dirname, '../../src/index.ts')}'
export default (env) => ({
  zones: [
    {
      name: 'www',
      hosts: ['www.example.com', 'localhost'],
      audience: 'https://www.example.com',
      issuers: [{ issuer: 'https://billing.example.com', secret: 'TOKEN_SECRET' }],
      rails: [bearer()],
      origin: { servers: [{ url: env.ORIGIN_URL }] },
      routes: [{ path: '/reports/*', price: { amount: '0.25', currency: 'USD' } }],
      unmatched: 'free',
      remedies: { documentation: 'https://www.example.com/problems' },
    },
  ],
})
`

const WORKER = 'export default {}; export class Ledger {}; export class Origin {}'

interface Project {
  readonly wrangler?: string
  readonly config?: string
  readonly worker?: string
  readonly devVars?: string
}

/** What `npm run check:config` finds in the files of a project beside what it finds in its configuration. */
async function check(project: Project): Promise<string[]> {
  const folder = await mkdtemp(join(parent, 'project-'))
  await writeFile(join(folder, 'wrangler.toml'), project.wrangler ?? WRANGLER)
  await writeFile(join(folder, 'faregate.config.ts'), project.config ?? CONFIG)
  await writeFile(join(folder, 'worker.ts'), project.worker ?? WORKER)
  if (project.devVars !== undefined) await writeFile(join(folder, '.dev.vars'), project.devVars)
  const { default: config }: { default: Config } = await import(join(folder, 'faregate.config.ts'))
  const lines = await checkDeployment(config, join(folder, 'wrangler.toml'))
  return lines.map((line) => line.replace(`${folder}/`, ''))
}

/** The lines of a project whose file says one thing otherwise. */
async function fallback(said: string, instead: string, rest: Omit<Project, 'wrangler'> = {}): Promise<string[]> {
  expect(WRANGLER).toContain(said)
  return check({ ...rest, wrangler: WRANGLER.replace(said, instead) })
}

const LEDGER = '[[durable_objects.bindings]]\nname = "LEDGER"\nclass_name = "Ledger"\n'

const CASES: [what: string, said: string, instead: string, told: string][] = [
  [
    'a cache before the gate',
    'cache = { enabled = false }',
    '',
    'wrangler.toml:19: cache.enabled: a cache before the gate',
  ],
  [
    'a cache before the gate alone',
    '[cache]\nenabled = true\n\n[exports.default]\ntype = "worker"\ncache = { enabled = false }',
    '[exports.default]\ntype = "worker"\ncache = { enabled = true }',
    'wrangler.toml:20: exports.default.cache.enabled: a cache before the gate',
  ],
  [
    'copies that outlive a deploy',
    '[cache]\n',
    '[cache]\ncross_version_cache = true\n',
    'wrangler.toml:19: cache.cross_version_cache: copies that were made',
  ],
  [
    'a workers.dev address',
    'workers_dev = false',
    'workers_dev = true',
    'wrangler.toml:5: workers_dev: is on: a second door',
  ],
  ['preview addresses', 'preview_urls = false', 'preview_urls = true', 'wrangler.toml:6: preview_urls: is on'],
  [
    'preview addresses that nobody switched off',
    'preview_urls = false\n',
    '',
    'wrangler.toml: preview_urls: is not set, and may be on by default',
  ],
  [
    'a route to a host of no zone',
    'www.example.com/*',
    'www.example.org/*',
    'wrangler.toml:9: routes[0]: "www.example.org/*": no zone has this host',
  ],
  [
    'a route to one page',
    'www.example.com/*',
    'www.example.com/',
    'wrangler.toml:9: routes[0]: "www.example.com/" has not all paths of its host',
  ],
  [
    'a route to a part of a site',
    'www.example.com/*',
    'www.example.com/reports/*',
    'wrangler.toml:9: routes[0]: "www.example.com/reports/*" has not all paths',
  ],
  [
    'a route for one scheme',
    'www.example.com/*',
    'https://www.example.com/*',
    'wrangler.toml:9: routes[0]: "https://www.example.com/*": requests of the other scheme',
  ],
  [
    'an old compatibility date',
    '2026-10-20',
    '2025-01-01',
    'wrangler.toml:3: compatibility_date: 2025-01-01 is too old',
  ],
  [
    'no compatibility flag',
    '["enable_request_signal"]',
    '[]',
    'wrangler.toml:4: compatibility_flags: lacks "enable_request_signal"',
  ],
  [
    'no ledger where a price is asked',
    LEDGER,
    '',
    'wrangler.toml: durable_objects: nothing is bound as LEDGER, so what /reports/* of zone www meters is answered 503',
  ],
  [
    'a ledger without a store',
    'storage = "sqlite"',
    'storage = "legacy-kv"',
    'wrangler.toml:25: exports.Ledger: the class of LEDGER has no SQLite',
  ],
  [
    'a variable that leads to this machine',
    'https://origin.example.com',
    'http://127.0.0.1:8788',
    'wrangler.toml:13: vars.ORIGIN_URL: is deployed, and leads to this machine',
  ],
  [
    'a secret among the variables',
    '\n[secrets]\nrequired = ["TOKEN_SECRET"]\n',
    `TOKEN_SECRET = "${'s'.repeat(40)}"\n`,
    'wrangler.toml:14: vars.TOKEN_SECRET: is a secret of the configuration, in a file for all to read',
  ],
]

describe('npm run check:config, of wrangler.toml', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await check({})).toEqual([])
  })

  it.each(CASES)('tells of %s in one line, with its place', async (_, said, instead, told) => {
    const lines = await fallback(said, instead)
    expect(lines).toContainEqual(expect.stringContaining(told))
    const others = lines.filter((line) => !line.includes(told) && !line.includes('has no pattern for'))
    expect(others).toEqual([])
  })

  it('tells of a host of a zone to which no route leads, unless it is this machine', async () => {
    const config = CONFIG.replace("'localhost'", "'localhost', 'api.example.com'")
    expect(await check({ config })).toEqual([
      'wrangler.toml:7: routes: has no pattern for api.example.com, a host of a zone: what is asked for there passes the gate by',
    ])
    expect(await fallback('www.example.com/*', '*.example.com/*', { config })).toEqual([])
  })

  it('takes an address of the platform for no second door where a zone has it for its host', async () => {
    const config = CONFIG.replace("'localhost'", "'gate.mine.workers.dev'")
    const lines = await fallback('workers_dev = false', 'workers_dev = true', { config })
    expect(lines.filter((line) => line.includes('door'))).toEqual([])
  })

  it('tells of what the module does not export', async () => {
    expect(await check({ worker: 'export default {}; export class Ledger {}' })).toEqual([
      expect.stringMatching(/^wrangler\.toml:2: main: exports no "Origin"/),
    ])
    expect(await check({ worker: 'export { Gate as default, Origin } from "./none.ts"' })).toEqual([])
  })

  it('tells of secrets for which no deploy asks, and of what is not read from .dev.vars', async () => {
    const devVars = `# mine\nTOKEN_SECRET="${'s'.repeat(40)}"\nOTHER=1\nORIGIN_URL=http://127.0.0.1:1\n`
    expect(await check({ devVars })).toEqual([
      '.dev.vars:3: OTHER: is not read: neither [vars] nor required of [secrets] has it',
    ])
    expect(await fallback('required = ["TOKEN_SECRET"]', 'required = []', { devVars })).toEqual([
      'wrangler.toml:16: secrets.required: does not list "TOKEN_SECRET" (zones[0].issuers[0].secret): no deploy asks for it, and .dev.vars is not read for it',
      '.dev.vars:2: TOKEN_SECRET: is not read: neither [vars] nor required of [secrets] has it',
      '.dev.vars:3: OTHER: is not read: neither [vars] nor required of [secrets] has it',
    ])
  })

  it('tells of options that lead to this machine where no variable does', async () => {
    const config = CONFIG.replace('env.ORIGIN_URL', "env.UNSET ?? 'http://localhost:8788'")
    expect(await check({ config })).toEqual(['zones[0].origin.servers[0].url: is deployed, and leads to this machine'])
    const nowhere = WRANGLER.replace(/routes = \[[^]*?\n\]/, 'routes = []')
    expect(await check({ config, wrangler: nowhere })).toEqual([])
  })

  it('judges each environment by what it inherits and what it does not', async () => {
    const wrangler = `${WRANGLER}\n[env.staging]\nworkers_dev = true\n`
    expect(await check({ wrangler })).toEqual([
      expect.stringMatching(/^wrangler\.toml:34: env\.staging\.workers_dev: is on/),
      expect.stringMatching(/^wrangler\.toml:33: env\.staging\.vars: ORIGIN_URL is not inherited/),
      expect.stringMatching(/^wrangler\.toml:33: env\.staging: has no routes of its own/),
      expect.stringMatching(/^env\.staging: zones\[0\]\.issuers\[0\]\.secret: the environment has no secret/),
      expect.stringMatching(/^env\.staging: zones\[0\]\.origin\.servers\[0\]\.url: /),
    ])
    const whole = `${WRANGLER}
[env.staging]
routes = [{ pattern = "www.example.com/*", zone_name = "example.com" }]
vars = { ORIGIN_URL = "https://staging.example.com" }
secrets = { required = ["TOKEN_SECRET"] }
`
    expect(await check({ wrangler: whole })).toEqual([
      expect.stringMatching(/^wrangler\.toml:33: env\.staging\.durable_objects: nothing is bound as LEDGER/),
    ])
  })

  it('has nothing to say of the repository, whose compatibility date is the oldest that it takes', async () => {
    const { stdout } = await run(process.execPath, [join(root, 'cli/main.ts'), 'check'], { cwd: root })
    expect(stdout).toContain('The configuration has no faults.')
    const [, date = ''] = /compatibility_date = "(.+)"/.exec(await readFile(join(root, 'wrangler.toml'), 'utf8')) ?? []
    expect(await check({ wrangler: WRANGLER.replace('2026-10-20', date) })).toEqual([])
    const dayBefore = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10)
    expect(await check({ wrangler: WRANGLER.replace('2026-10-20', dayBefore) })).toHaveLength(1)
  })

  it('takes a folder, and says in one line what wrangler cannot read', async () => {
    const folder = await mkdtemp(join(parent, 'broken-'))
    await writeFile(join(folder, 'wrangler.toml'), 'name = "gate"\nmain = \n')
    await writeFile(join(folder, 'faregate.config.ts'), CONFIG)
    const failed: { code: number; stderr: string } = await run(
      process.execPath,
      [join(root, 'cli/main.ts'), 'check', folder],
      { cwd: folder },
    ).then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    )
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/^wrangler\.toml:2: \S/)
    expect(failed.stderr).not.toContain('    at ')
  })
})
