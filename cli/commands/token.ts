import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { limitOf } from '../limit.ts'
import { issuerFrom, KEY_VARIABLE, signed, type SigningFlags } from '../signing.ts'
import type { Terminal } from '../terminal.ts'
import { durationSeconds, namesOf, several, wholeNumber } from '../values.ts'

interface TokenFlags extends SigningFlags {
  readonly expiresIn?: string
  readonly id?: string
  readonly json?: boolean
}

interface EntitlementFlags extends TokenFlags {
  readonly account: string
  readonly entitlements: string
  readonly plan?: string
  readonly limit?: readonly string[]
}

interface ReceiptFlags extends TokenFlags {
  readonly account?: string
  readonly amount: string
  readonly currency: string
  readonly resource: string
  readonly methods?: string
  readonly uses?: string
  readonly pass?: string
}

interface OperatorTokenFlags extends TokenFlags {
  readonly scope: string
  readonly subject?: string
}

/** `faregate token`: signs one token, as the billing side does. */
export function tokenCommand(terminal: Terminal): Command {
  return new Command('token')
    .summary('sign a token: entitlement, receipt or operator')
    .description(
      `Signs one token with a private key, and prints it: it opens what it says to whoever has it. Issuer and audience are those of faregate.config.ts here, if its zone is the only one and its issuer can be told by the key. A token that the gate would refuse is not signed.`,
    )
    .addCommand(entitlementCommand(terminal))
    .addCommand(receiptCommand(terminal))
    .addCommand(operatorCommand(terminal))
}

function signing(command: Command): Command {
  return command
    .option(
      '--key <file>',
      `the private key, as "keys generate" writes it or as a JWK (default: ${KEY_VARIABLE} of the environment)`,
    )
    .option('--issuer <url>', '"iss"')
    .option('--audience <url>', '"aud": that of the zone')
    .option('--expires-in <duration>', '30s, 15m, 1h or 1d')
    .option('--id <id>', '"jti" (default: a new one)')
    .option('--json', 'prints one JSON object')
}

function common(flags: TokenFlags): { readonly lifetimeSeconds?: number; readonly id?: string } {
  const { expiresIn, id } = flags
  return {
    ...(expiresIn === undefined ? {} : { lifetimeSeconds: durationSeconds('--expires-in', expiresIn) }),
    ...(id === undefined ? {} : { id }),
  }
}

function tell(token: string, { json }: TokenFlags, { print }: Terminal): void {
  print(json === true ? JSON.stringify({ token }) : token)
}

function entitlementCommand(terminal: Terminal): Command {
  return signing(new Command('entitlement'))
    .summary('what an account may open')
    .requiredOption('--account <name>', '"sub"')
    .requiredOption('--entitlements <a,b>', 'what it may open')
    .option('--plan <name>', 'the plan’s display name')
    .option(
      '--limit <limit>',
      'a quota: requests=100/3600, that is so many in so many seconds, or in a day or month: reports=5/P1D, reports=50/P1M; ":sliding" after it; may come several times',
      several,
    )
    .action(async (flags: EntitlementFlags) => {
      const issuer = await issuerFrom(flags, 'issuers', terminal)
      const { account, entitlements, plan, limit } = flags
      const input = {
        ...common(flags),
        account,
        entitlements: namesOf(entitlements),
        plan,
        limits: limit?.map(limitOf),
      }
      tell(await signed(() => issuer.signEntitlement(input)), flags, terminal)
    })
}

function receiptCommand(terminal: Terminal): Command {
  return signing(new Command('receipt'))
    .summary('what was paid once')
    .option('--account <name>', 'the payer')
    .requiredOption('--amount <decimal>', 'what was paid for all of it')
    .requiredOption('--currency <code>', 'ISO 4217')
    .requiredOption('--resource <path>', 'what it opens: /reports/*')
    .option('--methods <A,B>', 'what it pays for (default: GET,HEAD)')
    .option('--uses <number>', 'for how many requests (default: 1)')
    .option('--pass <duration>', 'in place of --uses: free passage for so long after the first request')
    .action(async (flags: ReceiptFlags) => {
      const issuer = await issuerFrom(flags, 'issuers', terminal)
      const { account, amount, currency, resource, methods, uses, pass } = flags
      if (uses !== undefined && pass !== undefined) throw usageError('--pass: not with --uses')
      const input = {
        ...common(flags),
        account,
        amount,
        currency,
        resource,
        methods: methods === undefined ? undefined : namesOf(methods),
        uses: uses === undefined ? undefined : wholeNumber('--uses', uses),
        passSeconds: pass === undefined ? undefined : durationSeconds('--pass', pass),
      }
      tell(await signed(() => issuer.signReceipt(input)), flags, terminal)
    })
}

function operatorCommand(terminal: Terminal): Command {
  return signing(new Command('operator'))
    .summary('what an operator may do; it opens nothing')
    .requiredOption('--scope <a b>', 'with a space or comma between each two: purge, hold, credit, …')
    .option('--subject <name>', 'who, for the record')
    .action(async (flags: OperatorTokenFlags) => {
      const issuer = await issuerFrom(flags, 'operators', terminal)
      const scopes = namesOf(flags.scope.replaceAll(' ', ','))
      const input = { ...common(flags), scopes, subject: flags.subject }
      tell(await signed(() => issuer.signOperator(input)), flags, terminal)
    })
}
