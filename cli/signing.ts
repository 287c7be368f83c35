/** Keys and facts that a command signs with: from a file or the environment, and from the project's configuration. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type BillingIssuer, createIssuer, InvalidClaimsError, type IssuerKey } from '../src/billing/index.ts'
import type { AnyOptions, Config, IssuerOptions, ZoneOptions } from '../src/config/options.ts'
import { environmentBeside, wranglerFileIn } from './check/wrangler-config.ts'
import { CommandError, EXIT, messageOf, usageError } from './commanderror.ts'
import { CONFIG_NAME, loadConfig } from './loadconfig.ts'
import type { Terminal } from './terminal.ts'

/** Flags by which a command learns how to sign. */
export interface SigningFlags {
  readonly key?: string
  readonly issuer?: string
  readonly audience?: string
}

/** The environment's private key, as JSON. */
export const KEY_VARIABLE = 'FAREGATE_KEY'

/** Reads private keys: what `keys generate` writes, a JWK, or a JWK Set. No error quotes them. */
export function readKeys(file: string | undefined, terminal: Terminal): readonly IssuerKey[] {
  const text = file === undefined ? terminal.env[KEY_VARIABLE] : textOf('--key', file, terminal)
  if (text === undefined || text === '')
    throw usageError(`--key: give the file of the private key, or set ${KEY_VARIABLE}`)
  const keys = parsedKeys(text)
  if (keys.length === 0) throw usageError(`${file ?? KEY_VARIABLE}: holds no private key as a JWK`)
  return keys
}

/** Reads a file that a flag names. */
export function textOf(flag: string, file: string, { cwd }: Terminal): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw usageError(`${flag}: ${messageOf(error)}`)
  }
}

function parsedKeys(text: string): readonly IssuerKey[] {
  try {
    const parsed: unknown = JSON.parse(text)
    const set = isObject(parsed) && Array.isArray(parsed['keys']) ? parsed['keys'] : parsed
    const list: readonly unknown[] = Array.isArray(set) ? set : [set]
    return list.flatMap((each) => (isObject(each) ? [asIssuerKey(each)] : [])).filter(({ jwk }) => 'd' in jwk)
  } catch {
    return []
  }
}

function asIssuerKey(value: Readonly<Record<string, unknown>>): IssuerKey {
  const { jwk, notBefore, retireAt } = value
  if (!isObject(jwk)) return { jwk: value }
  return {
    jwk,
    ...(typeof notBefore === 'number' ? { notBefore } : {}),
    ...(typeof retireAt === 'number' ? { retireAt } : {}),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Creates the issuer of a command. `of`: whose list of the configuration says who it is. `speaksFor`: further issuers. */
export async function issuerFrom(
  flags: SigningFlags,
  of: 'issuers' | 'operators',
  terminal: Terminal,
  speaksFor: readonly string[] = [],
): Promise<BillingIssuer> {
  const keys = readKeys(flags.key, terminal)
  const known = flags.issuer === undefined || flags.audience === undefined ? await configured(keys, of, terminal) : {}
  const issuer = flags.issuer ?? known.issuer
  const audience = flags.audience ?? known.audience
  if (issuer === undefined) throw usageError('--issuer: give the "iss" of the tokens')
  if (audience === undefined) throw usageError('--audience: give the audience of the zone')
  return createIssuer({ issuer, audience, keys, speaksFor: [...(known.speaksFor ?? []), ...speaksFor] })
}

/** Runs what signs. What the gate would refuse is refused here, and nothing is signed. */
export async function signed(sign: () => Promise<string>): Promise<string> {
  try {
    return await sign()
  } catch (error) {
    if (!(error instanceof InvalidClaimsError)) throw error
    throw new CommandError(error.message, EXIT.usage)
  }
}

interface SignerFacts {
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  readonly speaksFor?: readonly string[] | undefined
}

/** Reads issuer and audience from the configuration of this folder, where it has one zone only. */
async function configured(
  keys: readonly IssuerKey[],
  of: 'issuers' | 'operators',
  { cwd }: Terminal,
): Promise<SignerFacts> {
  const file = join(cwd, CONFIG_NAME)
  if (!existsSync(file)) return {}
  const options = evaluated(await loadConfig(file), file)
  const zones = 'zones' in options ? options.zones : [options]
  const [zone, ...more] = zones
  return zone === undefined || more.length > 0 ? {} : factsOf(zone, keys, of)
}

/** Who signs depends on variables in few configurations: wrangler, which reads them, takes a second to load. */
function evaluated(config: Config, file: string): AnyOptions {
  if (typeof config !== 'function') return config
  try {
    return config({})
  } catch {
    const env = environmentBeside(wranglerFileIn(dirname(file)))
    const texts = Object.entries(env).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
    return config(Object.fromEntries(texts))
  }
}

type SignerOptions = Pick<IssuerOptions, 'issuer' | 'keys' | 'speaksFor'>
type ZoneSigners = Pick<ZoneOptions, 'audience' | 'issuers' | 'operators'>

function factsOf(
  { audience, issuers = [], operators = [] }: ZoneSigners,
  keys: readonly IssuerKey[],
  of: string,
): SignerFacts {
  const signers: readonly SignerOptions[] =
    of === 'operators' ? operators : issuers.filter(({ types }) => types === undefined || types.entitlement === false)
  const kids = new Set(keys.map(({ jwk }) => jwk['kid']))
  const holder = signers.find(({ keys: own = [] }) => own.some(({ kid }) => kids.has(kid)))
  const found = holder ?? (signers.length === 1 ? signers[0] : undefined)
  return { audience, issuer: found?.issuer, speaksFor: found?.speaksFor }
}
