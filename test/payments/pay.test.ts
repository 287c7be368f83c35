import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('npm run pay prints what docs/machine-payments.md shows', async () => {
  const { stdout } = await promisify(execFile)('node', ['demo/pay/start.ts'])
  const shown = /```text\n([^`]*)```/.exec(readFileSync('docs/machine-payments.md', 'utf8'))?.[1]
  expect(stdout).toBe(shown)
}, 120_000)
