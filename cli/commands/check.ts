import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { checkConfig, type CheckReport } from '../check/check-config.ts'
import { EXIT, usageError } from '../commanderror.ts'
import { configFileAt } from '../loadconfig.ts'
import type { Terminal } from '../terminal.ts'

interface CheckOptions {
  readonly fetch?: boolean
  readonly record?: boolean
  readonly json?: boolean
}

/** `faregate check`: reports every fault of a configuration. */
export function checkCommand(terminal: Terminal): Command {
  return new Command('check')
    .summary('report every fault of a configuration')
    .description(
      'Reports every fault of a configuration with its path, and of the wrangler.toml beside it with its line. Exit code 1 if there are any.',
    )
    .argument(
      '[paths...]',
      'a folder or file (default: faregate.config.ts here); with --fetch, pages of the origin too',
    )
    .option(
      '--fetch',
      'asks the origin for the pages that are named, as the gate does for a shared copy, and warns where the answer looks like the origin’s own teaser; paid routes without "*" are asked for in any case',
    )
    .option(
      '--record',
      'writes the ids of the zones and the jurisdictions of their ledgers to faregate.deployed.json, as what is deployed: a later check warns of what would be left behind',
    )
    .option('--json', 'prints one JSON object')
    .action(async (paths: string[], options: CheckOptions, command: Command) => {
      const isSample = (given: string): boolean =>
        options.fetch === true &&
        /^(?:\/(?![^?]*\.[cm]?ts$)|https?:)/.test(given) &&
        !existsSync(resolve(terminal.cwd, given))
      const [given, ...more] = paths.filter((each) => !isSample(each))
      if (more.length > 0) throw usageError(`one folder or file at a time, not also "${more.join('" and "')}"`)
      const file = configFileAt(given, terminal.cwd)
      const samples = options.fetch === true ? paths.filter(isSample) : undefined
      const report = await checkConfig({ file, record: options.record === true, samples })
      if (options.json === true) terminal.print(JSON.stringify({ ok: report.faults.length === 0, ...report }))
      else tell(report, terminal)
      if (report.faults.length > 0) command.error('', { exitCode: EXIT.refused })
    })
}

function tell({ faults, warnings, summary, note, samples }: CheckReport, { print, complain }: Terminal): void {
  if (summary !== undefined) print(`The configuration has no faults.\n\n${summary}`)
  for (const fault of faults) complain(fault)
  if (faults.length > 0) complain(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`)
  if (note !== undefined) print(`\n${note}`)
  for (const warning of warnings) complain(`warning: ${warning}`)
  if (samples.length > 0) print('')
  for (const { isWarning, line } of samples) (isWarning ? complain : print)(isWarning ? `warning: ${line}` : line)
}
