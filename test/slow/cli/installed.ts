import { execFile, execFileSync, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly url: string
  /** What was printed, log lines of the Worker included. */
  readonly lines: readonly string[]
  /** Resolves when this line was printed. */
  readonly said: (line: string) => Promise<void>
  /** Sends a signal, and returns the exit code. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** The package as a project has it, outside of the repository, built from the present source. */
export interface Installed {
  /** The path of the command line. */
  readonly program: string
  /** Makes an empty project. Returns its folder. */
  readonly project: (name: string) => string
  readonly run: (folder: string, args: readonly string[], env?: Record<string, string>) => Promise<Ran>
  /** `faregate start` on a free port; resolves when it is ready. */
  readonly start: (folder: string, args?: readonly string[], env?: Record<string, string>) => Promise<Started>
  readonly remove: () => void
}

export function installPackage(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'faregate-cli-'))
  const packed = join(folder, 'package')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  for (const project of ['tsconfig.build.json', 'tsconfig.cli.json'])
    execFileSync(process.execPath, [tsc, '-p', project, '--outDir', join(packed, 'dist')], { cwd: root, stdio: 'pipe' })
  copyFileSync(join(root, 'package.json'), join(packed, 'package.json'))
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const modules = join(folder, 'node_modules')
  for (const name of [...Object.keys(manifest.dependencies), 'hono', 'wrangler']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  symlinkSync(packed, join(modules, 'faregate'))
  const program = join(packed, 'dist/cli/main.js')
  const clean = (env: Record<string, string> = {}) => ({ PATH: process.env['PATH'] ?? '', ...env })
  return {
    program,
    project(name) {
      const project = join(folder, name)
      mkdirSync(project)
      return project
    },
    run: (cwd, args, env) =>
      run(process.execPath, [program, ...args], { cwd, env: clean(env) }).then(
        ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
        ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
          code,
          out: stdout,
          err: stderr,
        }),
      ),
    start: (cwd, args = [], env = {}) => started(program, cwd, args, clean(env)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function started(
  program: string,
  cwd: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Started> {
  const child = spawn(process.execPath, [program, 'start', '--port', '0', ...args], { cwd, env, stdio: 'pipe' })
  const exited = once(child, 'exit')
  const lines: string[] = []
  const heard = new EventEmitter()
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => heard.emit('line', lines.push(line)))
  const ready = new Promise<string>((done, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^faregate: ready on (\S+)$/.exec(line)?.[1]
      if (url !== undefined) done(url)
    })
    child.once('close', () => failed(new Error(lines.join('\n'))))
  })
  const url = await ready
  return {
    url,
    lines,
    async said(line) {
      while (!lines.includes(line)) await once(heard, 'line')
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      const [code]: unknown[] = await exited
      return typeof code === 'number' ? code : null
    },
  }
}

export function writeSecrets(folder: string, text: string): void {
  writeFileSync(join(folder, '.dev.vars'), text)
}
