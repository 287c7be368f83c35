import * as v from 'valibot'
import type { Bindings } from './bindings.ts'
import { type Fault, faultOf } from './fault.ts'

/** The options that a factory of the configuration was given. They are checked once the environment is known. */
export interface PluginOptions<T> {
  /** What is wrong with them; paths begin at the plug-in. */
  readonly faults: (bindings: Bindings) => readonly Fault[]
  /** The checked options, with secrets in place of their names. Throws if they have faults. */
  readonly read: (bindings: Bindings) => T
}

/** Wraps what a factory was given, which may be anything: the types of the configuration are not looked at when it runs. */
export function pluginOptions<T>(
  schemaFor: (bindings: Bindings) => v.GenericSchema<unknown, T>,
  given: unknown,
): PluginOptions<T> {
  return {
    faults: (bindings) => (v.safeParse(schemaFor(bindings), given).issues ?? []).map(faultOf),
    read: (bindings) => v.parse(schemaFor(bindings), given),
  }
}
