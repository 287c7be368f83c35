import * as v from 'valibot'
import type { Bindings } from './bindings.ts'
import { type Fault, faultOf } from './fault.ts'

/** The options that a factory received. They are checked once the environment is known. */
export interface PluginOptions<T> {
  /** Returns the faults of the options; paths begin at the plug-in. */
  readonly faults: (bindings: Bindings) => readonly Fault[]
  /** Returns the checked options, with secrets in place of their names. Throws if the options have faults. */
  readonly read: (bindings: Bindings) => T
}

/** Wraps the argument of a factory. `given` may be any value: types are not checked when a configuration runs. */
export function pluginOptions<T>(
  schemaFor: (bindings: Bindings) => v.GenericSchema<unknown, T>,
  given: unknown,
): PluginOptions<T> {
  return {
    faults: (bindings) => (v.safeParse(schemaFor(bindings), given).issues ?? []).map(faultOf),
    read: (bindings) => v.parse(schemaFor(bindings), given),
  }
}
