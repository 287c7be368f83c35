import type { Ledger } from '../../src/ports.ts'

const never = (): Promise<never> => new Promise(() => undefined)

/** A ledger that answers nothing; a test lays over it what it is about. */
export const NO_LEDGER: Ledger = { charge: never, amend: never, grant: never, note: never, said: never, read: never }
