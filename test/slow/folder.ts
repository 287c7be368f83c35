import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** What tests in Node build and keep is below it, and a fresh clone has none. */
mkdirSync(join(import.meta.dirname, '../../.faregate'), { recursive: true })
