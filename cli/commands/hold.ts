import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import type { Terminal } from '../terminal.ts'

interface HoldFlags extends OperatorFlags {
  readonly account?: string
  readonly accountIssuer?: string
  readonly jti?: string
  readonly lift?: boolean
}

/** `faregate hold`: holds an account or token for review, and lifts that. */
export function holdCommand(terminal: Terminal): Command {
  return withOperator(new Command('hold'))
    .summary('hold an account or token for review, or lift that')
    .description('Holds an account or one token for review: it opens nothing until the hold is lifted. Scope: hold.')
    .option('--account <name>', 'the "sub" of its tokens')
    .option('--account-issuer <url>', 'whose account it is, if the site trusts several issuers')
    .option('--jti <id>', 'one token or receipt')
    .option('--lift', 'lifts the hold')
    .action(async (flags: HoldFlags) => {
      const { account, accountIssuer: issuer, jti, lift } = flags
      if (account === undefined && jti === undefined) throw usageError('give --account or --jti')
      const body = { account, issuer, jti, lift }
      const answer = await giveOrder({ path: 'hold', body }, flags, terminal)
      const isHeld = typeof answer === 'object' && answer !== null && 'isHeld' in answer && answer.isHeld === true
      tellAnswer(answer, `${account ?? jti ?? ''} is ${isHeld ? '' : 'not '}held`, flags, terminal)
    })
}
