/** What the Worker finds in its environment here: variables of wrangler.toml, secrets of .dev.vars and of the shell. */
import { join } from 'node:path'
import type { Unstable_Config } from 'wrangler'
import { readDevVars } from '../check/wrangler-config.ts'
import { CommandError, EXIT } from '../commanderror.ts'

/** Returns the texts by name. Throws with the names of all secrets that are missing. */
export function workerEnvironment(
  config: Unstable_Config,
  folder: string,
  shell: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const required = config.secrets?.required
  const { vars } = readDevVars(join(folder, 'wrangler.toml'))
  const told = Object.entries(config.vars).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  const names = new Set([...told.map(([name]) => name), ...(required ?? Object.keys(vars))])
  const found = new Map<string, string>(told)
  for (const name of names) {
    const value = shell[name] ?? vars[name]
    if (value !== undefined && value !== '') found.set(name, value)
  }
  const missing = (required ?? []).filter((name) => !found.has(name))
  if (missing.length === 0) return Object.fromEntries(found)
  const which = missing.length === 1 ? 'the secret' : 'the secrets'
  throw new CommandError(
    `${which} ${missing.join(', ')}: set in .dev.vars (see .dev.vars.example) or in the environment`,
    EXIT.refused,
    { missing },
  )
}
