import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { askGate, clientToken, endpointAt, tellAnswer, withOperator } from '../gate.ts'
import { type LookupFlags, lookUp, withAccount } from '../lookup.ts'
import type { Terminal } from '../terminal.ts'

interface AccountFlags extends LookupFlags {
  readonly tokenFile?: string
}

/** `faregate account`: how an account stands. */
export function accountCommand(terminal: Terminal): Command {
  return withOperator(withAccount(new Command('account')))
    .summary('how an account stands, or what a refusal was about')
    .description(
      'Shows an account as its owner sees it: plan, standing, limits, credit, charges. With a client’s own credential; or, as an operator (scope view), any account, with what was said and done about it, and the reference that a refusal shows.',
    )
    .option('--reference <text>', 'as an operator: what a refusal was about')
    .option('--token-file <file>', 'holds the client’s credential (default: FAREGATE_TOKEN of the environment)')
    .action(async (flags: AccountFlags) => {
      if (flags.account !== undefined || flags.reference !== undefined) {
        tellAnswer(await lookUp(flags, undefined, terminal), undefined, flags, terminal)
        return
      }
      const token = clientToken(flags.tokenFile, terminal)
      if (token === undefined) throw usageError('give --token-file, or --account or --reference as an operator')
      tellAnswer(await askGate(endpointAt(flags, 'account', terminal), token), undefined, flags, terminal)
    })
}
