import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../slow/bundles.ts'

const run = promisify(execFile)
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

/** Makes the environment of the pinned packages, unless it is there. */
export default async function makeEnvironment(): Promise<void> {
  const folder = await environment()
  if (existsSync(folder)) return
  const making = `${folder}.${process.pid}`
  try {
    await run('python3', ['-m', 'venv', making])
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:']
    await run(join(making, 'bin/python'), ['-m', 'pip', 'install', ...options, '-r', REQUIREMENTS])
    await rename(making, folder)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

/** The folder of the environment: another for other versions. */
export async function environment(): Promise<string> {
  const versions = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
  return join(ROOT, '.faregate', `python-${versions.slice(0, 12)}`)
}
