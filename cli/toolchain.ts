/**
 * Wrangler, esbuild and workerd, as the project has them: the command line brings none, so that a Worker's users install
 * each once, in the version that they chose. What the project lacks is looked for beside the command line itself.
 */
import type * as Esbuild from 'esbuild'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as Wrangler from 'wrangler'
import { CommandError, EXIT } from './commanderror.ts'

const own = createRequire(import.meta.url)

/** The version that everything here is tested with. */
export const WRANGLER_VERSION = '4.155.0'

function requireOf(folder: string): NodeJS.Require {
  for (const require of [createRequire(join(folder, 'package.json')), own]) {
    try {
      // Wrangler brings esbuild and workerd, which need not be hoisted beside it.
      return createRequire(require.resolve('wrangler/package.json'))
    } catch {
      continue
    }
  }
  const missing = `wrangler is not installed in ${folder}: npm install --save-dev wrangler@${WRANGLER_VERSION}`
  throw new CommandError(missing, EXIT.refused)
}

/** Returns the wrangler of a project. */
export function wranglerOf(folder: string): typeof Wrangler {
  const require = requireOf(folder)
  return require('wrangler') as typeof Wrangler
}

/** Returns the esbuild of a project's wrangler. */
export function esbuildOf(folder: string): typeof Esbuild {
  return requireOf(folder)('esbuild') as typeof Esbuild
}

/** Returns the path of workerd. The package's `bin` is a script that would keep it as a grandchild, out of reach of signals. */
export function workerdPath(folder: string): string {
  const loaded: unknown = requireOf(folder)('workerd')
  const path = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined
  if (typeof path !== 'string') throw new CommandError('workerd does not say where its program is', EXIT.refused)
  return path
}
