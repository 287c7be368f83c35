import type { Command } from 'commander'
import { giveOrder, type OperatorFlags } from './gate.ts'
import type { Terminal } from './terminal.ts'
import { namesOf } from './values.ts'

/** What an operator may ask about an account. */
export interface LookupFlags extends OperatorFlags {
  readonly account?: string
  readonly accountIssuer?: string
  readonly reference?: string
  readonly method?: string
  readonly entitlements?: string
  readonly plan?: string
  readonly apiKey?: string
}

export function withAccount(command: Command): Command {
  return command
    .option('--account <name>', 'as an operator (scope view): of this account')
    .option('--account-issuer <url>', 'whose account it is, if the site trusts several issuers')
    .option('--entitlements <a,b>', 'what its token is taken to open, with --account')
    .option('--plan <name>', 'its plan, likewise')
    .option('--api-key <id>', 'by the record of this API key of the account')
}

/** Asks the look-up of a gate. */
export async function lookUp(flags: LookupFlags, target: string | undefined, terminal: Terminal): Promise<unknown> {
  const { account, accountIssuer: issuer, reference, method, entitlements, plan, apiKey: key } = flags
  const names = entitlements === undefined ? undefined : namesOf(entitlements)
  const body = { account, issuer, reference, target, method, entitlements: names, plan, key }
  return giveOrder({ path: 'lookup', scope: 'view', body }, flags, terminal)
}
