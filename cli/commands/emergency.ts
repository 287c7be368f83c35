import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, parsed, tellAnswer, withOperator } from '../gate.ts'
import { textOf } from '../signing.ts'
import type { Terminal } from '../terminal.ts'

interface EmergencyFlags extends OperatorFlags {
  readonly distrust?: string
  readonly distrustFile?: string
  readonly tokensOf?: string
  readonly before?: string
  readonly events?: string
  readonly undo?: string
  readonly since?: string
  readonly after?: string
}

/** `faregate emergency`: makes void what a stolen key signed. */
export function emergencyCommand(terminal: Terminal): Command {
  return withOperator(new Command('emergency'))
    .summary('make void what a stolen key signed, for good')
    .description(
      'Makes void all that a key signed, whatever times its tokens claim, or all that an issuer signed before some time. For good: no order takes it back. Without either it tells what is void. Scope: emergency.',
    )
    .option('--distrust <thumbprint>', 'of the key (RFC 7638, SHA-256)')
    .option('--distrust-file <file>', 'in place of it: the public key as a JWK')
    .option('--tokens-of <issuer>', 'the tokens of this issuer, with --before')
    .option('--before <time>', 'RFC 3339: 2026-11-28T12:00:00Z')
    .option('--events <thumbprint>', 'list what the key signed as events and orders, a page at a time')
    .option('--undo <thumbprint>', 'take back the credit, and place again the holds that it lifted, a page at a time')
    .option('--since <time>', 'with --events or --undo: only what came since, RFC 3339')
    .option('--after <next>', 'with --events or --undo: the "next" of the page before')
    .action(async (flags: EmergencyFlags) => {
      const answer = await giveOrder({ path: 'emergency', body: orderOf(flags, terminal) }, flags, terminal)
      tellAnswer(answer, undefined, flags, terminal)
    })
}

function orderOf(flags: EmergencyFlags, terminal: Terminal): object {
  const { distrust, distrustFile, tokensOf, before, events, undo, since, after } = flags
  if (events !== undefined || undo !== undefined) return { events, undo, since, after }
  if (since !== undefined || after !== undefined) throw usageError('--since and --after need --events or --undo')
  if ((tokensOf === undefined) !== (before === undefined)) throw usageError('give --tokens-of and --before together')
  if ([distrust, distrustFile, tokensOf].filter((each) => each !== undefined).length > 1)
    throw usageError('give one of --distrust, --distrust-file and --tokens-of')
  if (distrust !== undefined) return { distrust }
  if (tokensOf !== undefined) return { issuer: tokensOf, revokedBefore: before }
  if (distrustFile === undefined) return {}
  const jwk = parsed(textOf('--distrust-file', distrustFile, terminal))
  if (typeof jwk !== 'object' || jwk === null) throw usageError('--distrust-file: expected a public JWK')
  // A private key stays here.
  const { kty, crv, x, y, n, e } = { ...jwk } as Readonly<Record<string, unknown>>
  return { distrust: { kty, crv, x, y, n, e } }
}
