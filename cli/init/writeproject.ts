/** Puts the files of a project into a folder: what is there is added to where that is safe, else left alone. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, EXIT } from '../commanderror.ts'
import { privateKeyText, publicKeyText } from '../keyfiles.ts'
import { configSource } from './configsource.ts'
import { KEY_FILES } from './llm.ts'
import { llmReadme } from './llmreadme.ts'
import type { InitPlan } from './plan.ts'
import { stripeReadme } from './stripereadme.ts'
import {
  devVarsText,
  filledVarsText,
  IGNORED,
  manifestParts,
  readmeText,
  workerFile,
  wranglerText,
} from './projectfiles.ts'

export interface WrittenFile {
  readonly name: string
  readonly how: 'written' | 'added to' | 'as it was'
}

/** Writes the project. Throws, and writes nothing, if a file would be overwritten; `force` overwrites. */
export function writeProject(plan: InitPlan, folder: string, version: string, force: boolean): WrittenFile[] {
  const worker = workerFile(plan)
  const readme = existsSync(join(folder, 'README.md')) && !force ? 'FAREGATE.md' : 'README.md'
  const files: readonly (readonly [string, string])[] = [
    ['faregate.config.ts', configSource(plan)],
    [worker.name, worker.text],
    ['wrangler.toml', wranglerText(plan)],
    ['.dev.vars.example', devVarsText(plan)],
    [readme, readmeOf(plan)],
    ...(plan.newKeys === undefined ? [] : [[KEY_FILES.published, `${publicKeyText(plan.newKeys)}\n`] as const]),
  ]
  // Wrangler reads these before wrangler.toml.
  const rivals = ['wrangler.json', 'wrangler.jsonc']
  const there = [...files.map(([name]) => name), ...rivals].filter((name) => existsSync(join(folder, name)))
  if (there.length > 0 && !force)
    throw new CommandError(`${there.join(', ')}: there already; --force overwrites`, EXIT.refused, { files: there })
  const manifest = manifestText(join(folder, 'package.json'), plan, version)
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of files) writeFileSync(join(folder, name), text)
  return [
    ...files.map(([name]): WrittenFile => ({ name, how: 'written' })),
    ...privateFiles(plan).map(([name, text]) => kept(folder, name, text)),
    added(folder, 'package.json', manifest),
    added(folder, '.gitignore', ignoreText(join(folder, '.gitignore'))),
  ]
}

function readmeOf(plan: InitPlan): string {
  if (plan.stripe !== undefined) return stripeReadme(plan)
  return plan.llm === undefined ? readmeText(plan) : llmReadme(plan, plan.llm)
}

/** What a project before a provider, or of Stripe alone, needs at once: keys of billing, and the gate's own secrets. */
function privateFiles(plan: InitPlan): readonly (readonly [string, string])[] {
  const { llm, stripe, newKeys } = plan
  return [
    ...(newKeys === undefined ? [] : [[KEY_FILES.secret, privateKeyText(newKeys)] as const]),
    ...(llm === undefined && stripe === undefined ? [] : [['.dev.vars', filledVarsText(plan)] as const]),
  ]
}

/** Writes a file that only its owner can read. One that is there is left as it is, whatever was asked for. */
function kept(folder: string, name: string, text: string): WrittenFile {
  const file = join(folder, name)
  if (existsSync(file)) return { name, how: 'as it was' }
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  return { name, how: 'written' }
}

function textAt(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function added(folder: string, name: string, text: string): WrittenFile {
  const file = join(folder, name)
  const before = textAt(file)
  if (before === text) return { name, how: 'as it was' }
  writeFileSync(file, text)
  return { name, how: before === undefined ? 'written' : 'added to' }
}

function manifestText(file: string, { name }: InitPlan, version: string): string {
  const before = textAt(file)
  const parts = manifestParts(version)
  if (before === undefined) return `${JSON.stringify({ name, private: true, type: 'module', ...parts }, null, 2)}\n`
  const manifest = manifestOf(before)
  const known = new Set(['dependencies', 'devDependencies', 'peerDependencies'].flatMap((key) => keysOf(manifest[key])))
  const merged: Record<string, unknown> = { ...manifest }
  let isChanged = false
  for (const [section, wanted] of Object.entries(parts)) {
    const has = section === 'scripts' ? new Set(keysOf(manifest[section])) : known
    const missing = Object.entries(wanted).filter(([key]) => !has.has(key))
    if (missing.length === 0) continue
    isChanged = true
    merged[section] = { ...objectOf(manifest[section]), ...Object.fromEntries(missing) }
  }
  if (!isChanged) return before
  const indent = /^[ \t]+(?=")/m.exec(before)?.[0] ?? '  '
  return `${JSON.stringify(merged, null, indent)}\n`
}

function manifestOf(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed }
  } catch {
    // Told below.
  }
  throw new CommandError('package.json: expected a JSON object', EXIT.refused)
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function keysOf(value: unknown): string[] {
  return Object.keys(objectOf(value))
}

function ignoreText(file: string): string {
  const before = textAt(file) ?? ''
  const lines = new Set(before.split('\n').map((line) => line.trim().replace(/^\//, '')))
  const missing = IGNORED.filter((name) => !lines.has(name) && !lines.has(name.replace(/\/$/, '')))
  if (missing.length === 0) return before
  const end = before === '' || before.endsWith('\n') ? '' : '\n'
  return `${before}${end}${missing.join('\n')}\n`
}
