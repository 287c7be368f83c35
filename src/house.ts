import type { Compiled } from './config.ts'
import { err } from './core/result.ts'
import { createHot } from './edge/hot.ts'
import { createKeys } from './edge/keys.ts'
import { createAccountHash, writeLine } from './edge/log.ts'
import type { BoundSocket } from './edge/shape.ts'
import type { House } from './paywall.ts'
import type { Ledgers } from './ports.ts'
import { createOperatorVerifier } from './tokens/operator.ts'
import { createVerifiers } from './tokens/verify.ts'

/** Builds what the pipeline stands on, once in each isolate. */
export function buildHouse({ sites, accountKey }: Compiled, boundSocket: BoundSocket, ledgers?: Ledgers): House {
  const clock = (): number => Date.now()
  const keys = createKeys(clock, (url, message) => console.warn(JSON.stringify({ keys: url, error: message })))
  const hashAccount = accountKey === undefined ? undefined : createAccountHash(accountKey)
  return {
    sites,
    clock,
    log: writeLine,
    boundSocket,
    hot: createHot(boundSocket, clock),
    ...createVerifiers(keys, hashAccount),
    verifyOperator: createOperatorVerifier(keys),
    ledgers,
    // Nothing keeps what events say yet: whoever sends one is told to come again.
    applyEvent: () => Promise.resolve(err('ledger-unavailable')),
  }
}
