import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { faultOf } from '../../src/config/rules/fault.ts'
import type { ModelRates } from '../../src/meters/llm/rules/ratecard.ts'
import { modelRatesSchema } from '../../src/meters/llm/rules/rateschema.ts'
import { CommandError, EXIT, LinesError, messageOf, usageError } from '../commanderror.ts'

/** Models as `models` of a configuration names them, kept in a file of their own. */
export type OwnModels = Readonly<Record<string, OwnModel>>

export interface OwnModel {
  readonly rates: 'catalogue' | ModelRates
  readonly limit?: { readonly input: number; readonly output: number } | undefined
}

const schema = v.record(
  v.string(),
  v.looseObject({
    rates: v.lazy((given) => (given === 'catalogue' ? v.literal('catalogue') : modelRatesSchema)),
    limit: v.optional(v.object({ input: v.number(), output: v.number() })),
  }),
)

/** Reads a file of models. Its other members stay as they are. */
export function readOwnModels(given: string, cwd: string): OwnModels {
  const file = resolve(cwd, given)
  if (!existsSync(file)) throw usageError(`there is no ${file}`)
  let data: unknown
  try {
    data = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CommandError(`${file}: ${messageOf(error)}`, EXIT.refused)
  }
  const parsed = v.safeParse(schema, data)
  if (parsed.success) return parsed.output
  const faults = parsed.issues.map((issue) => faultOf(issue))
  throw new LinesError(faults.map(({ path, message }) => `${file}: ${path}: ${message}`).join('\n'), EXIT.refused, {
    faults,
  })
}

/** Writes a file of models. One that is there already is left as it is, unless it is the one that was read. */
export function writeOwnModels(given: string, own: string | undefined, cwd: string, models: OwnModels): string {
  const file = resolve(cwd, given)
  const isOwn = own !== undefined && resolve(cwd, own) === file
  if (!isOwn && existsSync(file))
    throw new CommandError(
      `${file}: there already, and is left as it is; --own names a file to bring up to date`,
      EXIT.refused,
    )
  writeFileSync(file, `${JSON.stringify(models, null, 2)}\n`)
  return file
}
