import * as fc from 'fast-check'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of every property. */
    readonly seed: number
    /** How many sequences the model of a ledger is asked; 0 for as many as each platform asks by itself. */
    readonly modelRuns: number
  }
}

/** Properties are asked the same in every run, so that a failure is one of the change at hand. Another seed looks further. */
fc.configureGlobal({ seed: inject('seed') })
