import { resolve } from 'node:path'

export const VERSION = '5.130.6'

/** Where Ghost is installed. */
export const GHOST = resolve(import.meta.dirname, `../../../.faregate/ghost-${VERSION}`)
