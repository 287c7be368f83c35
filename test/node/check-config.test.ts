import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faregate-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What `npm run check:config` makes of this file. */
async function check(text: string): Promise<{ code: number; out: string; err: string }> {
  const file = join(folder, 'faregate.config.ts')
  await writeFile(file, text)
  try {
    const { stdout, stderr } = await run(process.execPath, [join(root, 'tools/check-config.ts'), file], { cwd: root })
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

  it('says what a configuration throws, and where', async () => {
    const { code, err } = await check('\nexport default (env) => ({ zones: env.ABSENT.split(",") })')
    expect(code).toBe(1)
    expect(err).toMatch(/TypeError: Cannot read properties of undefined \(reading 'split'\)[^]*faregate\.config\.ts:2:/)
  })
})
