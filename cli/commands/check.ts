import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Result } from '../../src/core/result.ts'
import { checkConfig, type CheckReport, type CheckRequest } from '../check/check-config.ts'
import { keysIn, tokenIn } from '../check/check-token.ts'
import { tokenText, tokenView } from '../check/tokentext.ts'
import type { AskedGate } from '../check/living-keys.ts'
import { EXIT, usageError } from '../commanderror.ts'
import { configFileAt } from '../loadconfig.ts'
import type { Terminal } from '../terminal.ts'

interface CheckOptions {
  readonly fetch?: boolean
  readonly record?: boolean
  readonly token?: string
  readonly jwks?: string
  readonly json?: boolean
  readonly gate?: string
  readonly operatorToken?: string
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
    .option(
      '--token <file>',
      'runs a real token through the configuration: which issuer takes it or why none does, its account, and what it opens. The token is not printed',
    )
    .option('--jwks <file>', 'with --token, verifies with the keys of this JWK Set in place of the issuers’ own')
    .option(
      '--gate <url>',
      'asks the deployed gate which API keys would be refused, for a generation of secrets.gate that is missing here',
    )
    .option('--operator-token <file>', 'a file with the token of an operator with the scope keys, for --gate')
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
      const token = tokenAsked(options, terminal)
      const gate = gateAsked(options)
      const asked = { file, record: options.record === true, samples, token, gate }
      const { tokens, ...report } = await checkConfig(asked)
      if (options.json === true)
        terminal.print(JSON.stringify({ ok: report.faults.length === 0, ...report, tokens: tokens?.map(tokenView) }))
      else tell(report, terminal)
      if (options.json !== true) for (const each of tokens ?? []) terminal.print(`\n${tokenText(each)}`)
      const taken = tokens?.filter(({ outcome }) => outcome === 'taken')
      if (report.faults.length > 0 || taken?.length === 0) command.error('', { exitCode: EXIT.refused })
      // Whether such a token opens anything is not known.
      if (taken?.every(({ isSignatureChecked }) => !isSignatureChecked) === true)
        command.error('', { exitCode: EXIT.unknown })
    })
}

function tokenAsked({ token, jwks }: CheckOptions, { cwd }: Terminal): CheckRequest['token'] {
  if (token === undefined) {
    if (jwks !== undefined) throw usageError('--jwks goes with --token')
    return undefined
  }
  const read = <T>(given: string, from: (text: string) => Result<T, string>): T => {
    const file = resolve(cwd, given)
    if (!existsSync(file)) throw usageError(`there is no ${file}`)
    const found = from(readFileSync(file, 'utf8'))
    if (!found.ok) throw usageError(`${file}: ${found.error}`)
    return found.value
  }
  return { token: read(token, tokenIn), jwks: jwks === undefined ? undefined : read(jwks, keysIn) }
}

function gateAsked({ gate: url, operatorToken: tokenFile }: CheckOptions): AskedGate | undefined {
  if (url === undefined && tokenFile === undefined) return undefined
  if (url === undefined || tokenFile === undefined) throw usageError('--gate and --operator-token go together')
  return { url, tokenFile }
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
