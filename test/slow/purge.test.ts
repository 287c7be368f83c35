import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, startAll } from './running.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

let demo: Running
let folder: string

beforeAll(async () => {
  demo = await startAll()
  folder = mkdtempSync(join(root, '.faregate/purge-'))
})
afterAll(async () => {
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What `npm run purge -- <args>` prints, and how it ends. */
async function purge(args: readonly string[], token?: string): Promise<Ended> {
  const env = { ...process.env, FAREGATE_OPERATOR_TOKEN: token ?? '' }
  try {
    const { stdout, stderr } = await run(process.execPath, [join(root, 'demo/purge.ts'), ...args], { cwd: root, env })
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

const operator = (...options: string[]): Promise<string> => demo.token('--operator', '--scope', 'purge', ...options)

/** How the gate came by a paid page: from its own copy or not. */
async function read(path: string): Promise<string> {
  const response = await fetch(`${demo.gate}${path}`, { headers: { authorization: `Bearer ${await demo.token()}` } })
  await response.text()
  expect(response.status).toBe(200)
  return response.headers.get('cache-status') ?? ''
}

describe('npm run purge', () => {
  it('has a page asked for anew that was served from a copy', async () => {
    await read('/articles/1')
    await expect.poll(() => read('/articles/1')).toContain('hit')
    const { code, out } = await purge(['--url', demo.gate, '--path', '/articles/*', '--tag', 'Red'], await operator())
    expect(out).toBe('purged in demo: path /articles\npurged in demo: tag red\n')
    expect(code).toBe(0)
    expect(await read('/articles/1')).not.toContain('hit')
  })

  it('takes the token from a file, and purges everything', async () => {
    const file = join(folder, 'token')
    writeFileSync(file, `${await operator()}\n`)
    const { code, out } = await purge(['--url', demo.gate, '--everything', '--token-file', file])
    expect([code, out]).toEqual([0, 'purged in demo: everything\n'])
  })

  it('ends with 1 and the gate’s own words when it is refused', async () => {
    const refusals: [string[], string, RegExp][] = [
      [['--tag', 'a'], await demo.token(), /^faregate purge: 401: The token's "typ" is not one/],
      [['--tag', 'a'], await operator('--scope', 'read'), /^faregate purge: 403: .*"scope" has no "purge"/],
      [['--tag', 'a'], await operator('--expires-in', '-1h'), /^faregate purge: 401: The token has expired/],
      [['--tag', 'a b'], await operator(), /^faregate purge: 400: tags\[0\]/],
    ]
    for (const [args, token, words] of refusals) {
      const { code, out, err } = await purge(['--url', demo.gate, ...args], token)
      expect([code, out, err]).toEqual([1, '', expect.stringMatching(words)])
      expect(err).not.toContain('eyJ')
    }
  })

  it('ends with 3 when no gate is there', async () => {
    const { code, err } = await purge(['--url', 'http://127.0.0.1:1', '--everything'], await operator())
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/^faregate purge: http:\/\/127\.0\.0\.1:1 cannot be reached/),
    ])
  })

  it.each([
    [[], /name what to purge/],
    [['--hosts', 'a'], /hosts/],
    [['--tag', 'a', '--url', 'http://news.example'], /--gate: expected https/],
    [['--tag', 'a', '--url', 'gate'], /--gate: expected https/],
    [['--tag', 'a', '--token-file', '/nowhere'], /--operator-token-file/],
  ])('ends with 2 when it is called with %j', async (args, words) => {
    const { code, out, err } = await purge(args, 'x.y.z')
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(words)])
  })

  it('is not signed a token with what an operator has no use for', async () => {
    await expect(operator('--entitlements', 'premium')).rejects.toThrow('--entitlements: not for this token')
  })

  it('never prints a token, not even one that could not be sent', async () => {
    const { code, err } = await purge(['--url', demo.gate, '--everything'], 'secret\ntoken')
    expect([code, err]).toEqual([2, 'faregate purge: FAREGATE_OPERATOR_TOKEN: holds no token\n'])
  })

  it('explains itself', async () => {
    expect((await purge(['--help'])).out).toContain('Usage: faregate purge')
  })
})
