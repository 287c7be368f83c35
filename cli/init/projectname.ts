import { basename } from 'node:path'

/** A name that wrangler and npm take. */
export function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z\d-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50)
  return name === '' ? 'paywall' : name
}
