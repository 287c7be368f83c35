import { Command } from 'commander'
import { PRICE_LIST } from '../../src/meters/llm/pricelist.ts'
import { CommandError, EXIT, usageError } from '../commanderror.ts'
import {
  compareRates,
  type Comparison,
  type KnownRates,
  listedRates,
  otherModels,
  sourceRates,
} from '../prices/compare.ts'
import { type OwnModels, readOwnModels, writeOwnModels } from '../prices/ownprices.ts'
import { comparisonLines, listText } from '../prices/pricetext.ts'
import { installedPrices, type PriceSource, pricesInFile } from '../prices/source.ts'
import type { Terminal } from '../terminal.ts'
import { several } from '../values.ts'

interface PricesFlags {
  readonly provider?: string
  readonly json?: boolean
  readonly update?: boolean
  readonly from?: string
  readonly own?: string
  readonly add?: readonly string[]
  readonly write?: string
}

/** `faregate prices`: the built-in price list of language models. */
export function pricesCommand(terminal: Terminal): Command {
  return new Command('prices')
    .summary('prices of language models: the built-in list, and what has changed')
    .description(
      'Lists the built-in prices of language models, and where they are from. With --update, what @pydantic/genai-prices as your project has it (or a file of its format) says otherwise, for review. Nothing is fetched, and nothing is changed but the file that --write names.',
    )
    .option('--provider <name>', [...PRICE_LIST.keys()].join(', '))
    .option('--json', 'prints one JSON object')
    .option('--update', 'compares the list with a source')
    .option('--from <file>', 'the source: data.json of genai-prices, in place of the installed package')
    .option('--own <file>', 'compares a file of your models in place of the list, with --provider')
    .option('--add <id>', 'adds a model of the source to what is written; may come several times', several)
    .option(
      '--write <file>',
      'writes the models of --provider with the source’s rates, to spread into "models" of the configuration',
    )
    .action(async (flags: PricesFlags) => {
      checkFlags(flags)
      const day = new Date().toISOString().slice(0, 10)
      if (flags.update === true) await update(flags, day, terminal)
      else terminal.print(flags.json === true ? listJson(flags.provider, day) : listText(flags.provider, day))
    })
}

function checkFlags({ provider, update, from, own, add, write }: PricesFlags): void {
  if (provider !== undefined && !PRICE_LIST.has(provider))
    throw usageError(`--provider: expected one of ${[...PRICE_LIST.keys()].join(', ')}, not "${provider}"`)
  const needing = { '--from': from, '--own': own, '--write': write }
  for (const [option, value] of Object.entries(needing))
    if (value !== undefined && update !== true) throw usageError(`${option} needs --update`)
  if (add !== undefined && write === undefined) throw usageError('--add needs --write')
  if ((own !== undefined || write !== undefined) && provider === undefined)
    throw usageError(`${own === undefined ? '--write' : '--own'} needs --provider: a file has the models of one`)
}

function listJson(provider: string | undefined, day: string): string {
  const models = listedRates(provider, day).map(({ provider, model, listed }) => ({
    provider,
    model,
    currency: PRICE_LIST.get(provider)?.currency,
    ...listed,
  }))
  return JSON.stringify({ models }, null, 2)
}

async function update(flags: PricesFlags, day: string, terminal: Terminal): Promise<void> {
  const { cwd, print } = terminal
  const source = flags.from === undefined ? await installedPrices(cwd) : pricesInFile(flags.from, cwd)
  const own = flags.own === undefined ? undefined : readOwnModels(flags.own, cwd)
  const known = own === undefined ? listedRates(flags.provider, day) : knownOf(flags.provider ?? '', own)
  const comparison = compareRates(known, source, day)
  const others = flags.provider === undefined ? undefined : otherModels(known, source, flags.provider, day)
  const written = flags.write === undefined ? undefined : write(flags, { own, known, comparison, source, day }, cwd)
  if (flags.json === true) {
    const { changes, unknown, odd } = comparison
    print(JSON.stringify({ source: source.name, changes, unknown, odd, others, written: written?.file }, null, 2))
    return
  }
  for (const line of comparisonLines(comparison, flags.own ?? 'the built-in list', source.name)) print(line)
  if (others !== undefined && others.length > 0) print(`it also has: ${others.join(', ')}`)
  if (written === undefined) return
  print(`written: ${written.file}`)
  if (written.unlimited.length > 0)
    print(`without limits, which the configuration has to say: ${written.unlimited.join(', ')}`)
}

function knownOf(provider: string, own: OwnModels): readonly KnownRates[] {
  return Object.entries(own).flatMap(([model, { rates, limit }]) =>
    rates === 'catalogue' ? [] : [{ provider, model, rates, limit }],
  )
}

interface Compared {
  readonly own: OwnModels | undefined
  readonly known: readonly KnownRates[]
  readonly comparison: Comparison
  readonly source: PriceSource
  readonly day: string
}

/** Writes the models that were compared, with the source's rates where it has them, and the models to add. */
function write(
  { provider = '', own: ownFile, add = [], write: file = '' }: PricesFlags,
  { own, known, comparison, source, day }: Compared,
  cwd: string,
): { readonly file: string; readonly unlimited: readonly string[] } {
  const models: Record<string, OwnModels[string]> = { ...own }
  for (const { model, rates, limit } of known)
    models[model] = {
      ...own?.[model],
      rates: comparison.rates.get(`${provider} ${model}`) ?? rates,
      ...(limit !== undefined && { limit }),
    }
  for (const model of add) {
    const rates = sourceRates(source, { provider, model }, day)
    if (rates === undefined)
      throw new CommandError(`${source.name} has no ${model}, or a price of another form`, EXIT.refused)
    models[model] = { ...models[model], rates }
  }
  const unlimited = Object.keys(models).filter(
    (model) => models[model]?.limit === undefined && models[model]?.rates !== 'catalogue',
  )
  return { file: writeOwnModels(file, ownFile, cwd, models), unlimited }
}
