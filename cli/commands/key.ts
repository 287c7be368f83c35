import { Command } from 'commander'
import { usageError } from '../commanderror.ts'
import { giveOrder, memberOf, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import { limitOf } from '../limit.ts'
import type { Terminal } from '../terminal.ts'
import { durationSeconds, namesOf, several } from '../values.ts'

interface KeyFlags extends OperatorFlags {
  readonly account: string
  readonly accountIssuer?: string
}

interface KeyTermsFlags extends KeyFlags {
  readonly name?: string
  readonly plan?: string
  readonly entitlements?: string
  readonly limit?: readonly string[]
  readonly accountLimit?: readonly string[]
  readonly expires?: string
}

/** `faregate key`: API keys at a gate. */
export function keyCommand(terminal: Terminal): Command {
  const command = new Command('key')
    .summary('API keys: create, list, change, rotate, disable, enable, remove')
    .description(
      'Makes and manages API keys (fg_…) of an account at a gate. Scope: keys. A new key is printed once, to standard output alone, and nothing can show it again.',
    )
    .addCommand(termsCommand('create', 'make a key', terminal))
    .addCommand(termsCommand('change', 'change what a key opens', terminal))
    .addCommand(rotateCommand(terminal))
    .addCommand(listCommand(terminal))
  for (const [action, summary, done] of SIMPLE) command.addCommand(simpleCommand(action, summary, done, terminal))
  return command
}

const SIMPLE = [
  ['disable', 'have a key open nothing, within the bound', 'is disabled'],
  ['enable', 'have a disabled key open again', 'is enabled'],
  ['remove', 'end a key for good', 'is removed'],
] as const

function withOwner(command: Command): Command {
  return withOperator(command)
    .requiredOption('--account <name>', 'whose keys')
    .option('--account-issuer <url>', 'whose account it is, if the site trusts several issuers')
}

async function order(action: string, body: object, flags: KeyFlags, terminal: Terminal): Promise<unknown> {
  const { account, accountIssuer: issuer } = flags
  return giveOrder({ path: 'keys', body: { action, account, issuer, ...body } }, flags, terminal)
}

/** The key alone on standard output, so that it can be put where it belongs; what is said of it goes beside. */
function tellKey(answer: unknown, words: string, flags: KeyFlags, terminal: Terminal): void {
  const secret = memberOf(answer, 'secret')
  if (flags.json === true || secret === undefined) {
    tellAnswer(answer, words, flags, terminal)
    return
  }
  terminal.complain(words)
  terminal.print(secret)
}

function idOf(answer: unknown): string {
  const key: unknown = typeof answer === 'object' && answer !== null && 'key' in answer ? answer.key : undefined
  return memberOf(key, 'id') ?? ''
}

function termsCommand(action: 'create' | 'change', summary: string, terminal: Terminal): Command {
  const command = withOwner(new Command(action))
    .summary(summary)
    .option('--name <name>', 'by which its owner knows it')
    .option('--plan <name>', 'its plan')
    .option('--entitlements <a,b>', 'what it opens')
    .option('--limit <limit>', 'of this key: requests=100/3600 or reports=5/P1M; may come several times', several)
    .option('--account-limit <limit>', 'of all keys of the account together, likewise', several)
    .option('--expires <when>', '30d from now, or an RFC 3339 time (default: never)')
  const run = async (id: string | undefined, flags: KeyTermsFlags, words: string): Promise<void> => {
    const answer = await order(action, { id, ...termsOf(flags) }, flags, terminal)
    tellKey(answer, `the key ${idOf(answer)} ${words}`, flags, terminal)
  }
  if (action === 'change')
    return command
      .argument('<id>', 'of the key, as "key list" shows it')
      .action((id: string, flags: KeyTermsFlags) => run(id, flags, 'is changed'))
  return command.action((flags: KeyTermsFlags) => {
    if (flags.name === undefined) throw usageError('--name: give the key a name')
    return run(undefined, flags, 'is shown once')
  })
}

function termsOf({ name, plan, entitlements, limit, accountLimit, expires }: KeyTermsFlags): object {
  return {
    name,
    plan,
    entitlements: entitlements === undefined ? undefined : namesOf(entitlements),
    limits: limit?.map(limitOf),
    accountLimits: accountLimit?.map(limitOf),
    expires: expires === undefined ? undefined : momentOf('--expires', expires),
  }
}

function momentOf(option: string, text: string): string {
  if (/^\d{4}-/.test(text)) return text
  return new Date(Date.now() + durationSeconds(option, text) * 1000).toISOString()
}

function rotateCommand(terminal: Terminal): Command {
  return withOwner(new Command('rotate'))
    .summary('give a key a new secret')
    .argument('<id>', 'of the key, as "key list" shows it')
    .option('--overlap <duration>', 'how long the old one stays good (default: 1d)')
    .action(async (id: string, flags: KeyFlags & { readonly overlap?: string }) => {
      const until = flags.overlap === undefined ? undefined : momentOf('--overlap', flags.overlap)
      const answer = await order('rotate', { id, until }, flags, terminal)
      tellKey(answer, `the new secret of ${id} is shown once`, flags, terminal)
    })
}

function listCommand(terminal: Terminal): Command {
  return withOwner(new Command('list'))
    .summary('list the keys of an account')
    .action(async (flags: KeyFlags) => {
      tellAnswer(await order('list', {}, flags, terminal), undefined, flags, terminal)
    })
}

function simpleCommand(action: string, summary: string, done: string, terminal: Terminal): Command {
  return withOwner(new Command(action))
    .summary(summary)
    .argument('<id>', 'of the key, as "key list" shows it')
    .action(async (id: string, flags: KeyFlags) => {
      tellAnswer(await order(action, { id }, flags, terminal), `the key ${id} ${done}`, flags, terminal)
    })
}
