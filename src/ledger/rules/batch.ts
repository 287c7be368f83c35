/**
 * Commands that travel to one ledger in one call.
 *
 * A call to an object costs more than the work of a command, and the platform bills each call. So the gate sends the
 * commands of many requests together, and the ledger applies them in one commit. Each command is answered by itself: one
 * that makes no sense, or that an older ledger does not know, fails alone.
 */
import type { Result } from '../../core/result.ts'
import type { AmendCommand, AmendOutcome, ChargeCommand, ChargeOutcome, DescribeCommand } from './commands.ts'

/** The most commands of one call. A larger batch would delay its first command too long. */
export const MAX_BATCH_COMMANDS = 256
/** The most bytes of one call, as `weightOf` counts them. */
export const MAX_BATCH_BYTES = 1024 * 1024

/** A command that may share its call with others. */
export type LedgerCommand =
  | { readonly verb: 'charge'; readonly command: ChargeCommand }
  | { readonly verb: 'amend'; readonly command: AmendCommand }
  | { readonly verb: 'describe'; readonly command: DescribeCommand }

/** The answer to one command of a call: of the same verb, or `failed` if the command was not applied. */
export type CommandAnswer =
  | { readonly verb: 'charge'; readonly answer: Result<ChargeOutcome, 'ledger-unavailable'> }
  | { readonly verb: 'amend'; readonly answer: Result<AmendOutcome, 'ledger-unavailable'> }
  | { readonly verb: 'describe'; readonly answer: Result<undefined, 'ledger-unavailable'> }
  | { readonly verb: 'failed' }

/**
 * Returns the bytes that a value takes in a call, roughly and never too few; Infinity if it cannot be sent: a function, a
 * symbol, or an object of a class.
 */
export function weightOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 8 + 2 * value.length
    case 'bigint':
      return 8 + value.toString(16).length
    case 'number':
    case 'boolean':
    case 'undefined':
      return 9
    case 'object':
      return value === null ? 1 : weightOfObject(value)
    case 'function':
    case 'symbol':
      return Infinity
  }
}

function weightOfObject(value: object): number {
  let bytes = 8
  if (Array.isArray(value)) {
    for (const member of value) bytes += weightOf(member)
    return bytes
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return Infinity
  for (const [name, member] of Object.entries(value)) bytes += 8 + 2 * name.length + weightOf(member)
  return bytes
}
