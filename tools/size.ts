/** `npm run size`: fails when the Worker outgrows its budget. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.ts'

const BUDGET_BYTES = 125_000

const bytes = gzipSync(readFileSync(await bundle({ outdir: '.faregate/size' })), { level: 9 }).length
console.log(`The Worker is ${bytes} bytes gzip, of ${BUDGET_BYTES}.`)
if (bytes > BUDGET_BYTES) process.exitCode = 1
