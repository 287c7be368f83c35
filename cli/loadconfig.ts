/** Loads `faregate.config.ts` as it stands. */
import { existsSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config } from '../src/config/options.ts'
import { usageError } from './commanderror.ts'
import { esbuildOf } from './toolchain.ts'

export const CONFIG_NAME = 'faregate.config.ts'

/** Returns the configuration's path: that of the file, or of the one in the folder. */
export function configFileAt(given: string | undefined, cwd: string): string {
  const named = resolve(cwd, given ?? '.')
  const file = existsSync(named) && statSync(named).isDirectory() ? join(named, CONFIG_NAME) : named
  if (!existsSync(file)) throw usageError(`there is no ${file}`)
  return file
}

/** Loads a configuration. Throws what its own code throws. */
export async function loadConfig(file: string): Promise<Config> {
  const module = await importTypeScript(file)
  if (module.default === undefined) throw new Error(`${file} has no default export: export default defineConfig(…)`)
  return module.default
}

interface ConfigModule {
  readonly default?: Config
}

/** Errors of a Node that takes off no types, or finds a module only where a bundler does. */
const UNREADABLE = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
])

async function importTypeScript(file: string): Promise<ConfigModule> {
  try {
    return (await import(pathToFileURL(file).href)) as ConfigModule
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && UNREADABLE.has(String(error.code)))) throw error
    return importBundled(file)
  }
}

/** Bundles the file's own modules beside it, where its packages are found from. */
async function importBundled(file: string): Promise<ConfigModule> {
  const folder = dirname(file)
  const { outputFiles } = await esbuildOf(folder).build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  const bundled = join(folder, `.faregate.config.${process.pid}.${Date.now()}.mjs`)
  await writeFile(bundled, outputFiles[0]?.text ?? '')
  try {
    return (await import(pathToFileURL(bundled).href)) as ConfigModule
  } finally {
    await rm(bundled, { force: true })
  }
}
