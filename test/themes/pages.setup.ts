import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import type { ThemePage } from './page.ts'

const run = promisify(execFile)
const HERE = import.meta.dirname

/** Has the themes write their pages; installs them first unless they are there. */
export default async function renderPages(project: TestProject): Promise<void> {
  if (!existsSync(join(HERE, 'node_modules'))) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE })
  await run(process.execPath, [join(HERE, 'ghost/install.js')])
  const pages = [...(await written('render.js')), ...(await written('ghost/render.js'))]
  project.provide('themePages', JSON.stringify(pages))
}

async function written(script: string): Promise<readonly ThemePage[]> {
  const { stdout } = await run(process.execPath, [join(HERE, script)], { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout)
}
