import { readFileSync } from 'node:fs'

/** Returns the version of this package. */
export function packageVersion(): string {
  // Beside `cli` in a clone, and beside `dist` in the package.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version)
    } catch {
      continue
    }
  }
  return '0.0.0'
}
