import type { Config } from './options.ts'

/** Gives a configuration its type, so that an editor completes it. Faults are found when it is compiled. */
export function defineConfig(config: Config): Config {
  return config
}
