import type { Bindings } from './rules/bindings.ts'
import { type Fault, faultAt } from './rules/fault.ts'
import { listAt } from './unchecked.ts'

/**
 * What the plug-ins of a configuration find wrong with their own options. Looks at options whose shape may be wrong
 * elsewhere, so that these faults are reported with the others.
 */
export function pluginFaults(options: unknown, bindings: Bindings): Fault[] {
  return listAt(options, 'usage').flatMap((sink, index) => faultsOf(sink, `usage[${index}]`, bindings))
}

interface Plugin {
  faults(bindings: Bindings): readonly Fault[]
}

function faultsOf(plugin: unknown, place: string, bindings: Bindings): Fault[] {
  return isPlugin(plugin) ? plugin.faults(bindings).map((fault) => faultAt(place, fault)) : []
}

/** What is none is told by the schema. */
function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && 'faults' in value && typeof value.faults === 'function'
}
