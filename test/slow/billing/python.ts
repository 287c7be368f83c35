/** A Python that has what docs/billing/python.md needs. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../docs/markdown.ts'

const requirements = join(import.meta.dirname, 'python/requirements.txt')

const VERSIONS =
  'import sys, jwt, cryptography; print(sys.version.split()[0], jwt.__version__, cryptography.__version__)'

/** Returns the versions of Python, PyJWT and cryptography; undefined if one of them is not there. */
export function versionsOf(python: string): string | undefined {
  const { stdout, status } = spawnSync(python, ['-c', VERSIONS], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Installs the pinned packages, by their hashes, into an environment of their own. Error: what pip said. */
function installed(): { readonly python: string } | { readonly fault: string } {
  const text = readFileSync(requirements)
  const folder = join(root, '.faregate', `python-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`)
  const python = join(folder, 'bin/python')
  if (existsSync(python) && versionsOf(python) !== undefined) return { python }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(root, '.faregate'), { recursive: true })
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', folder]],
    [
      python,
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--retries',
        '0',
        '--require-hashes',
        '--only-binary',
        ':all:',
        '-r',
        requirements,
      ],
    ],
  ]
  for (const [command, args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 })
    if (status !== 0) return { fault: `${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}` }
  }
  return { python }
}

/**
 * Returns a Python with PyJWT and cryptography: that of `FAREGATE_PYTHON`, the pinned packages from pip, or one of the
 * machine. Throws if there is none: what is not run is not known to work.
 */
export function findPython(): string {
  const own = process.env['FAREGATE_PYTHON']
  if (own !== undefined) return own
  const pinned = installed()
  if ('python' in pinned) return pinned.python
  const found = ['python3', '/usr/bin/python3'].find((python) => versionsOf(python) !== undefined)
  if (found !== undefined) return found
  throw new Error(
    `The page for Python cannot be run. pip did not get the pinned packages (${pinned.fault}), and no python3 here has ` +
      'them. Install PyJWT and cryptography ("pip install pyjwt cryptography", or Debian\'s python3-jwt and ' +
      'python3-cryptography), or name a Python that has them in FAREGATE_PYTHON.',
  )
}
