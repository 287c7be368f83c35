import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { DEFAULT_POLICY } from '../../src/anomalies/rules/policy.ts'
import { linesOf } from '../anomalies/loglines.ts'
import { rehearse } from '../anomalies/rehearsal.ts'
import { rehearsalText, rehearsalWarnings } from '../anomalies/rehearsaltext.ts'
import { CommandError, EXIT, messageOf, usageError } from '../commanderror.ts'
import type { Terminal } from '../terminal.ts'
import { several, wholeNumber } from '../values.ts'

interface AnomaliesFlags {
  readonly replay?: string
  readonly exempt?: readonly string[]
  readonly needs: string
  readonly perDay: string
  readonly most: string
  readonly json?: boolean
}

/** `faregate anomalies`: what would have been held, by one's own log. */
export function anomaliesCommand(terminal: Terminal): Command {
  return new Command('anomalies')
    .summary('what would have been held, by your own log')
    .description(
      'Reads a log of the gate, and tells what would have been held, asked to sign in anew or slowed when it was written, by which numbers, and how those accounts went on. Nothing is sent anywhere, and nobody is held.',
    )
    .requiredOption(
      '--replay <file>',
      'a log, one line of JSON for each request, in the order of time; - for standard input',
    )
    .option(
      '--exempt <who>',
      'plan:<plan> or account:<hash>, of whom nothing but notes is made; may come several times',
      several,
    )
    .option('--needs <number>', 'independent signals for a hold, two at least', '2')
    .option('--per-day <number>', 'holds of a day in one zone', '5')
    .option('--most <number>', 'how many of each step are shown', '20')
    .option('--json', 'prints one JSON object')
    .action(async (flags: AnomaliesFlags) => {
      const needs = wholeNumber('--needs', flags.needs, 9)
      if (needs < 2) throw usageError('--needs: a hold needs two signals at least')
      const most = wholeNumber('--most', flags.most)
      const perDay = wholeNumber('--per-day', flags.perDay)
      const exempt = new Set(flags.exempt)
      for (const who of exempt)
        if (!/^(?:plan|account):./.test(who))
          throw usageError(`--exempt: expected plan:<plan> or account:<hash>, not "${who}"`)
      const policy = { ...DEFAULT_POLICY, hold: { ...DEFAULT_POLICY.hold, needs, perDay }, exempt }
      const rehearsal = await rehearse(linesOf(readFrom(flags.replay ?? '-', terminal)), policy).catch(
        (error: unknown) => {
          throw usageError(`${flags.replay}: ${messageOf(error)}`)
        },
      )
      if (flags.json === true) terminal.print(JSON.stringify(rehearsal))
      else {
        for (const line of rehearsalText(rehearsal, most)) terminal.print(line)
        for (const line of rehearsalWarnings(rehearsal)) terminal.complain(line)
      }
      if (rehearsal.requests === 0) throw new CommandError('no line is that of a request', EXIT.refused)
    })
}

function readFrom(file: string, { cwd }: Terminal): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(resolve(cwd, file))
}
