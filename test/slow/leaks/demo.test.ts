import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runCommandLine } from '../../../cli/program.ts'
import { ARTICLES } from '../../../demo/news/articles/index.ts'
import { startAll } from '../running.ts'
import { startForFile } from '../startforfile.ts'

const all = await startForFile(startAll())

async function unpaid(url: string): Promise<string> {
  return (await fetch(url, { headers: { accept: 'text/html' } })).text()
}

it.each(ARTICLES)('nothing that the demo sells of article $id is found elsewhere', async ({ id, opening }) => {
  const folder = await mkdtemp(join(tmpdir(), 'faregate-'))
  await writeFile(join(folder, 'token'), await all.token('--sub', 'owner', '--entitlements', 'premium'), {
    mode: 0o600,
  })
  const said: string[] = []
  const write = (line: string): void => void said.push(line)
  const terminal = { env: {}, cwd: folder, isInteractive: false, print: write, complain: write }
  const url = `http://localhost:${new URL(all.gate).port}/articles/${id}`
  // So many previews are read at once that one may have to wait: until then its beginning would count as sold.
  await expect.poll(() => unpaid(url), { timeout: 30_000 }).toContain(opening[0])
  const code = await runCommandLine(['leaks', url, '--token-file', 'token', '--most', '600'], terminal)
  expect([code, said.join('\n')]).toEqual([0, expect.stringMatching(/^No leak: \d\d sentences looked for/)])
  await rm(folder, { recursive: true })
})
