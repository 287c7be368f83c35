/**
 * Unpacks Ghost, as npm has it, and installs what it needs beside it; prints nothing. Ghost cannot be a dependency:
 * it names one of its own by a path inside its package. It brings its themes, and its lock file fixes what npm installs.
 * Does nothing where it is there.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GHOST, VERSION } from './home.js'

const SHA512 = 'CAWqPKt+7ws+/1NrVmvuiWiDZDEtutiu7niVMTku9uM29MjfNFFUVKM3giQBpZGZrUORXkWiXSlqbry4QGVrBw=='

if (existsSync(GHOST)) process.exit(0)
mkdirSync(dirname(GHOST), { recursive: true })
const home = mkdtempSync(`${GHOST}-`)
try {
  const archive = `ghost-${VERSION}.tgz`
  execFileSync('npm', ['pack', `ghost@${VERSION}`, '--silent', '--pack-destination', home], { stdio: 'pipe' })
  const digest = createHash('sha512')
    .update(readFileSync(join(home, archive)))
    .digest('base64')
  if (digest !== SHA512) throw new Error(`${archive} is not the archive that was looked at: ${digest}`)
  execFileSync('tar', ['-xzf', archive, '--strip-components=1'], { cwd: home })
  rmSync(join(home, archive))
  // What Ghost is built and tested with comes from outside the registry, and no script of 1,600 packages has to run.
  const file = join(home, 'package.json')
  const { devDependencies: _, scripts: __, ...description } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify(description))
  const flags = ['--ignore-scripts', '--omit=dev', '--legacy-peer-deps', '--no-audit', '--no-fund']
  execFileSync('npm', ['install', ...flags], { cwd: home, stdio: 'pipe' })
  renameSync(home, GHOST) // only what is whole has the name
} finally {
  rmSync(home, { recursive: true, force: true })
}
