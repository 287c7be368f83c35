import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { generateKeys, type IssuerKey, type KeyAlgorithmName, rotateKeys } from '../../src/billing/index.ts'
import { CommandError, EXIT, usageError } from '../commanderror.ts'
import { giveOrder, type OperatorFlags, tellAnswer, withOperator } from '../gate.ts'
import { privateKeyText, publicKeyText } from '../keyfiles.ts'
import { readKeys } from '../signing.ts'
import type { Terminal } from '../terminal.ts'
import { durationSeconds, wholeNumber } from '../values.ts'

const ALGORITHMS: readonly KeyAlgorithmName[] = ['EdDSA', 'ES256', 'PS256', 'RS256']

interface KeyFileFlags {
  readonly key: string
  readonly out?: string
}

/** `faregate keys`: the keys that a billing side signs with. */
export function keysCommand(terminal: Terminal): Command {
  return new Command('keys')
    .summary('keys that sign tokens: make, replace, publish')
    .description(
      'Makes and replaces the private keys that your billing signs with, in one file that only its owner can read, and writes the public ones as a JWK Set (RFC 7517). A private key is never printed.',
    )
    .addCommand(generateCommand(terminal))
    .addCommand(rotateCommand(terminal))
    .addCommand(publicCommand(terminal))
    .addCommand(generationsCommand(terminal))
}

function withFile(command: Command): Command {
  return command
    .option('--key <file>', 'the file of private keys', 'billing.key.json')
    .option('--out <file>', 'where the public keys go (default: they are printed)')
}

function generateCommand(terminal: Terminal): Command {
  return withFile(new Command('generate'))
    .summary('make a key')
    .option('--alg <algorithm>', ALGORITHMS.join(', '), 'EdDSA')
    .action(async (flags: KeyFileFlags & { readonly alg: string }) => {
      const alg = ALGORITHMS.find((each) => each === flags.alg)
      if (alg === undefined) throw usageError(`--alg: expected one of ${ALGORITHMS.join(', ')}, not "${flags.alg}"`)
      const file = resolve(terminal.cwd, flags.key)
      const taken = [file, ...(flags.out === undefined ? [] : [resolve(terminal.cwd, flags.out)])].find(existsSync)
      if (taken !== undefined) throw new CommandError(`${taken}: there already, and is left as it is`, EXIT.refused)
      const keys = await generateKeys(alg)
      writeFileSync(file, privateKeyText(keys), { mode: 0o600, flag: 'wx' })
      publish(keys, flags.out, terminal)
    })
}

function rotateCommand(terminal: Terminal): Command {
  return withFile(new Command('rotate'))
    .summary('add the successor of a key')
    .option('--lead <duration>', 'how long the new key is published before it signs', '1h')
    .action(async (flags: KeyFileFlags & { readonly lead: string }) => {
      const keys = readKeys(flags.key, terminal)
      const alg = ALGORITHMS.find((each) => each === keys.at(-1)?.jwk['alg']) ?? 'EdDSA'
      const leadSeconds = durationSeconds('--lead', flags.lead)
      const rotated = rotateKeys(keys, await generateKeys(alg), { leadSeconds })
      const file = resolve(terminal.cwd, flags.key)
      // All of the old file or all of the new one, whenever this is ended.
      writeFileSync(`${file}.new`, privateKeyText(rotated), { mode: 0o600 })
      renameSync(`${file}.new`, file)
      publish(rotated, flags.out, terminal)
    })
}

function publicCommand(terminal: Terminal): Command {
  return withFile(new Command('public'))
    .summary('the public keys, as a JWK Set')
    .action((flags: KeyFileFlags) => publish(readKeys(flags.key, terminal), flags.out, terminal))
}

function generationsCommand(terminal: Terminal): Command {
  return withOperator(new Command('generations'))
    .summary('how many API keys live under each generation of the gate’s secret')
    .description(
      'Lists the generations of the gate’s secret with the number of API keys that live under each: one without keys can be removed. Scope: keys.',
    )
    .option('--generation <number>', 'lists the keys of this one')
    .action(async (flags: OperatorFlags & { readonly generation?: string }) => {
      const generation = flags.generation === undefined ? undefined : wholeNumber('--generation', flags.generation, 255)
      const answer = await giveOrder({ path: 'keys', body: { action: 'zone', generation } }, flags, terminal)
      tellAnswer(answer, undefined, flags, terminal)
    })
}

function publish(keys: readonly IssuerKey[], out: string | undefined, { cwd, print }: Terminal): void {
  const set = publicKeyText(keys)
  if (out === undefined) print(set)
  else writeFileSync(resolve(cwd, out), `${set}\n`)
}
