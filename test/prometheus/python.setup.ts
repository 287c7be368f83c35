import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const FOLDER = join(import.meta.dirname, '../../.faregate/python-prometheus-client-0.26.0')
export const PYTHON = join(FOLDER, 'bin/python')

/** Installs the parser of OpenMetrics that Prometheus' client for Python has, unless it is there. */
export default async function installParser(): Promise<void> {
  if (existsSync(FOLDER)) return
  const making = `${FOLDER}.${process.pid}`
  try {
    await run('python3', ['-m', 'venv', making])
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:']
    const requirements = join(import.meta.dirname, 'requirements.txt')
    await run(join(making, 'bin/python'), ['-m', 'pip', 'install', ...options, '-r', requirements])
    await rename(making, FOLDER)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}
