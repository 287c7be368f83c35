import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const HERE = import.meta.dirname
/** Says which lock file the installed packages are of. */
const INSTALLED = join(HERE, 'node_modules/.installed')

/** Installs the packages of this folder with `npm ci`, unless those of the present lock file are there. */
export default async function installPayments(): Promise<void> {
  const lock = createHash('sha256')
  for (const file of ['package-lock.json', 'package.json']) lock.update(await readFile(join(HERE, file)))
  const wanted = lock.digest('hex')
  const present = await readFile(INSTALLED, 'utf8').catch(() => '')
  if (present === wanted) return
  await promisify(execFile)('npm', ['ci'], { cwd: HERE })
  await writeFile(INSTALLED, wanted)
}

if (process.argv[1] === import.meta.filename) await installPayments()
