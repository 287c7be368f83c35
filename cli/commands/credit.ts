import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { CommandError, EXIT, usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import type { Terminal } from '../terminal.ts'
import { moneyOf } from '../values.ts'

interface CreditFlags extends OperatorFlags {
  readonly account?: string
  readonly accountIssuer?: string
  readonly amount?: string
  readonly id?: string
  readonly charge?: string
  readonly jti?: string
  readonly take?: boolean
  readonly grant?: string
}

/** `faregate credit`: grants prepaid credit, takes it back, or gives a charge back. */
export function creditCommand(terminal: Terminal): Command {
  return withOperator(new Command('credit'))
    .summary('grant credit, take it back, or give a charge back')
    .description(
      'Adds prepaid credit to an account, takes credit back, or gives one charge back, units and money, once. Scope: credit.',
    )
    .option('--account <name>', 'the "sub" of its tokens')
    .option('--account-issuer <url>', 'whose account it is, if the site trusts several issuers')
    .option('--amount <amount currency>', "what is granted, or taken: '5.00 USD'")
    .option('--id <id>', 'by which the grant or taking is known: given twice, it is done once (default: a new one)')
    .option('--take', 'takes the amount back, as after a refund: what was spent of it is a debt')
    .option('--grant <id>', 'with --take: of this grant, and no more than it gave')
    .option('--charge <id>', 'gives this charge back')
    .option('--jti <id>', 'in place of --account: the charge is of this receipt')
    .action(async (flags: CreditFlags) => {
      const { account, accountIssuer: issuer, amount, charge, jti, take, grant: of } = flags
      if ((amount === undefined) === (charge === undefined)) throw usageError('give either --amount or --charge')
      if (take !== true && of !== undefined) throw usageError('--grant: only with --take')
      if (take === true && charge !== undefined) throw usageError('--take: not with --charge')
      if (charge !== undefined) {
        const answer = await giveOrder({ path: 'credit', body: { account, issuer, jti, charge } }, flags, terminal)
        tellAnswer(answer, undefined, flags, terminal)
        return
      }
      const taking = take === true ? { take, grant: of } : {}
      const answer = await grant({ account, issuer, ...taking, ...moneyOf('--amount', amount ?? '') }, flags, terminal)
      tellAnswer(answer, lineOf(answer), flags, terminal)
    })
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
  if (!isObject(answer)) return undefined
  const { account, credit, debt, taken, isAwaiting, isRepeat } = answer
  const again = isRepeat === true ? ` (${taken === undefined ? 'granted' : 'taken'} before, with this id)` : ''
  if (isAwaiting === true) return `nothing is taken of ${String(account)} until that grant comes${again}`
  if (!isMoney(credit)) return undefined
  const owes = isMoney(debt) ? ` and owes ${inWords(debt)}` : ''
  return `${String(account)} has ${inWords(credit)}${owes}${again}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isMoney(value: unknown): value is Readonly<Record<'amount' | 'currency', unknown>> {
  return isObject(value) && 'amount' in value && 'currency' in value
}

function inWords({ amount, currency }: Readonly<Record<'amount' | 'currency', unknown>>): string {
  return `${String(amount)} ${String(currency)}`
}
