import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CommandError, EXIT, messageOf, usageError } from '../commanderror.ts'
import { PROVIDER_IDS, type PricedProvider } from './genaiprices.ts'

const PACKAGE = '@pydantic/genai-prices'

/** Prices to compare with, by our names of the providers. */
export interface PriceSource {
  readonly name: string
  readonly providers: ReadonlyMap<string, PricedProvider>
}

/** Reads the prices of a file in the format of the package's `data.json`. */
export function pricesInFile(given: string, cwd: string): PriceSource {
  const file = resolve(cwd, given)
  if (!existsSync(file)) throw usageError(`there is no ${file}`)
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CommandError(`${file}: ${messageOf(error)}`, EXIT.refused)
  }
  const all = Array.isArray(data) ? (data as readonly PricedProvider[]) : []
  const source = { name: file, providers: byOurNames((id) => all.find((each) => each.id === id)) }
  if (source.providers.size > 0) return source
  throw new CommandError(`${file}: expected a list of providers, as data.json of ${PACKAGE} has it`, EXIT.refused)
}

/** Reads the prices of the package, as the project has installed it. */
export async function installedPrices(cwd: string): Promise<PriceSource> {
  const entry = installedAt(cwd)
  const { version } = JSON.parse(readFileSync(join(dirname(dirname(entry)), 'package.json'), 'utf8')) as {
    version: string
  }
  const module = (await import(pathToFileURL(entry).href)) as GenaiPrices
  const { findProvider } = module.default ?? module
  const providers = byOurNames((providerId) => findProvider?.({ providerId }))
  if (providers.size > 0) return { name: `${PACKAGE} ${version}`, providers }
  throw new CommandError(`${PACKAGE} ${version} has no prices where they are looked for`, EXIT.refused)
}

interface GenaiPrices {
  readonly default?: GenaiPrices
  readonly findProvider?: (options: { readonly providerId: string }) => PricedProvider | undefined
}

function installedAt(cwd: string): string {
  try {
    return createRequire(join(cwd, 'package.json')).resolve(PACKAGE)
  } catch {
    const how = `npm install --save-dev ${PACKAGE}@latest, or name a file with --from`
    throw new CommandError(`${PACKAGE} is not installed in ${cwd}: ${how}`, EXIT.refused)
  }
}

function byOurNames(find: (id: string) => PricedProvider | undefined): ReadonlyMap<string, PricedProvider> {
  const found = Object.entries(PROVIDER_IDS).map(([ours, theirs]) => [ours, find(theirs)] as const)
  return new Map(found.flatMap(([name, provider]) => (provider === undefined ? [] : [[name, provider] as const])))
}
