import { Command } from 'commander'
import { askGate, clientToken, endpointAt, tellAnswer, withOperator } from '../gate.ts'
import { type LookupFlags, lookUp, withAccount } from '../lookup.ts'
import type { Terminal } from '../terminal.ts'

interface ExplainFlags extends LookupFlags {
  readonly tokenFile?: string
}

/** `faregate explain`: what a gate decides on a request, and why. */
export function explainCommand(terminal: Terminal): Command {
  return withOperator(withAccount(new Command('explain')))
    .summary('why a request is refused or served')
    .description(
      'Shows each check of a decision: what was expected, what was found, what would pass. Nothing is charged. With a client’s own credential; or, as an operator (scope view), for an account.',
    )
    .argument('<target>', 'path and query: /articles/1')
    .option('--method <method>', 'of the request (default: GET)')
    .option(
      '--token-file <file>',
      'holds the client’s credential (default: FAREGATE_TOKEN of the environment, else none)',
    )
    .action(async (target: string, flags: ExplainFlags) => {
      if (flags.account !== undefined) {
        tellAnswer(await lookUp(flags, target, terminal), undefined, flags, terminal)
        return
      }
      const url = endpointAt(flags, 'explain', terminal)
      url.searchParams.set('target', target)
      if (flags.method !== undefined) url.searchParams.set('method', flags.method)
      tellAnswer(await askGate(url, clientToken(flags.tokenFile, terminal)), undefined, flags, terminal)
    })
}
