import type { Ledger } from '../../src/ports.ts'

const never = (): Promise<never> => new Promise(() => undefined)

/** A ledger that answers nothing; a test lays over it what it is about. */
export const NO_LEDGER: Ledger = {
  charge: never,
  dryRun: never,
  amend: never,
  describe: never,
  beginSettlement: never,
  endSettlement: never,
  keepAnswer: never,
  keptAnswer: never,
  grant: never,
  recordStatement: never,
  statements: never,
  read: never,
  order: never,
  history: never,
  erase: never,
  endErase: never,
  addErased: never,
}

const ISSUER = 'https://billing.test'

/** The name of the ledger of an account of the tests' news zone. */
export function accountLedger(account: string, issuer = ISSUER): string {
  return `account ${JSON.stringify(['news', issuer, account])}`
}

/** The name of the ledger of a receipt, or of another token by its id. */
export function receiptLedger(jti: string, issuer = ISSUER): string {
  return `receipt ${JSON.stringify([issuer, jti])}`
}
