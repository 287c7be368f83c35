import { join, relative } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
export const BUNDLES = join(ROOT, '.faregate/bundles')

/** The module that was built of a Worker of the tests, or of the demo's, before they began. */
export function bundleOf(folder: string, entry = 'worker.ts'): string {
  return join(BUNDLES, relative(ROOT, folder), entry.replace(/\.ts$/, '.js'))
}
