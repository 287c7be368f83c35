/**
 * `npm run check:removal [-- --types]`: takes each removable capability away from a copy of the tree, its folders in `src`,
 * `test` and `demo`, and checks that what is left compiles, that nothing else of the source names it, and that the rules' tests pass.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** Each is a folder of `src`, and of `test` and `demo` at every place. */
export const REMOVABLE: readonly string[] = ['stripe']

/** A copy of the tree without this capability, and without what git does not know. */
export function copyWithout(name: string): string {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  const folder = mkdtempSync(join(root, `.faregate/without-${name}-`))
  const isPart = (file: string): boolean => /^(?:src|test|demo)\//.test(file) && dirname(file).split('/').includes(name)
  for (const file of filesOf(root)) if (!isPart(file)) cpSync(join(root, file), join(folder, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function filesOf(folder: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: folder })
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: folder })
  const gone = new Set(deleted.toString().split('\0'))
  return listed
    .toString()
    .split('\0')
    .filter((file) => file !== '' && !gone.has(file))
}

/** What names a capability by another meaning: MPP has a method of payment called like one. */
const OTHER_MEANING = /^src\/(?:rails\/mpp\/|index\.ts$)/

/** The files of the source that name what is not in it, in whatever case. */
export function mentionsOf(name: string): string[] {
  const outside = filesOf(root)
    .filter((file) => file.startsWith('src/') && !file.startsWith(`src/${name}/`))
    .filter((file) => !OTHER_MEANING.test(file))
  return outside.filter((file) => readFileSync(join(root, file), 'utf8').toLowerCase().includes(name))
}

/** What the compiler says of that copy: nothing if it compiles. */
export function typeErrors(folder: string): string {
  return ['tsconfig.json', 'tsconfig.node.json']
    .map((config) => run(folder, 'typescript/bin/tsc', '-p', config))
    .join('')
}

function rulesErrors(folder: string): string {
  return run(folder, 'vitest/vitest.mjs', 'run', '--project', 'rules')
}

/** What it printed, if it failed. */
function run(cwd: string, tool: string, ...args: string[]): string {
  const done = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd, encoding: 'utf8' })
  return done.status === 0 ? '' : `${done.stdout}${done.stderr}`
}

function check(name: string, typesOnly: boolean): string {
  const named = mentionsOf(name)
    .map((file) => `${file} names it\n`)
    .join('')
  const folder = copyWithout(name)
  try {
    return named + (typeErrors(folder) || (typesOnly ? '' : rulesErrors(folder)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  for (const name of REMOVABLE) {
    const found = check(name, process.argv.includes('--types'))
    console.log(found === '' ? `Without ${name} all is well.` : `Without ${name}:\n${found}`)
    if (found !== '') process.exitCode = 1
  }
}
