import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import './page.ts'

const run = promisify(execFile)
const HERE = import.meta.dirname

/** Has the themes write their pages; installs them first unless they are there. */
export default async function renderPages(project: TestProject): Promise<void> {
  if (!existsSync(join(HERE, 'node_modules'))) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE })
  const { stdout } = await run(process.execPath, [join(HERE, 'render.js')], { maxBuffer: 64 * 1024 * 1024 })
  project.provide('themePages', stdout)
}
