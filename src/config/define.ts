import type { Config } from './options.ts'

/**
 * Gives a configuration its type, so that an editor completes it. Faults are found when it is compiled. Write a function
 * with its result, `(env): Options =>`: without it TypeScript takes a misspelt option for one more and says nothing.
 */
export function defineConfig(config: Config): Config {
  return config
}
