import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { CommandError, EXIT, usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import type { Terminal } from '../terminal.ts'

interface CreditFlags extends OperatorFlags {
  readonly account?: string
  readonly accountIssuer?: string
  readonly amount?: string
  readonly id?: string
  readonly charge?: string
  readonly jti?: string
}

/** `faregate credit`: grants prepaid credit, or gives a charge back. */
export function creditCommand(terminal: Terminal): Command {
  return withOperator(new Command('credit'))
    .summary('grant credit, or give a charge back')
    .description('Adds prepaid credit to an account, or gives one charge back, units and money, once. Scope: credit.')
    .option('--account <name>', 'the "sub" of its tokens')
    .option('--account-issuer <url>', 'whose account it is, if the site trusts several issuers')
    .option('--amount <amount currency>', "what is granted: '5.00 USD'")
    .option('--id <id>', 'by which the grant is known: given twice, it is granted once (default: a new one)')
    .option('--charge <id>', 'gives this charge back')
    .option('--jti <id>', 'in place of --account: the charge is of this receipt')
    .action(async (flags: CreditFlags) => {
      const { account, accountIssuer: issuer, amount, charge, jti } = flags
      if ((amount === undefined) === (charge === undefined)) throw usageError('give either --amount or --charge')
      if (charge !== undefined) {
        const answer = await giveOrder({ path: 'credit', body: { account, issuer, jti, charge } }, flags, terminal)
        tellAnswer(answer, undefined, flags, terminal)
        return
      }
      const answer = await grant({ account, issuer, ...moneyOf(amount ?? '') }, flags, terminal)
      tellAnswer(answer, lineOf(answer), flags, terminal)
    })
}

function moneyOf(text: string): { readonly amount: string; readonly currency: string } {
  const [, amount, currency] = /^(\S+) +([A-Z]{3})$/.exec(text) ?? []
  if (amount === undefined || currency === undefined) throw usageError(`--amount: expected '5.00 USD', not "${text}"`)
  return { amount, currency }
}

async function grant(order: object, flags: CreditFlags, terminal: Terminal): Promise<unknown> {
  const id = flags.id ?? randomUUID()
  try {
    return await giveOrder({ path: 'credit', body: { ...order, id } }, flags, terminal)
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.unknown) throw error
    throw new CommandError(`${error.message} To ask again: --id ${id}`, error.exitCode, { ...error.details, id })
  }
}

function lineOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('credit' in answer) || !('account' in answer)) return undefined
  const { account, credit } = answer
  if (typeof credit !== 'object' || credit === null || !('amount' in credit) || !('currency' in credit))
    return undefined
  const again = 'isRepeat' in answer && answer.isRepeat === true ? ' (granted before, with this id)' : ''
  return `${String(account)} has ${String(credit.amount)} ${String(credit.currency)}${again}`
}
