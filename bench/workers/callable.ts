import type { Ledger as LedgerObject } from '../../src/platform/cloudflare/index.ts'

/** The names of the methods that others may call: of the class and of those it extends, but not of the runtime's own. */
export function callable(base: typeof LedgerObject): readonly string[] {
  const names = new Set<string>()
  for (let prototype: unknown = base.prototype; ; prototype = Object.getPrototypeOf(prototype)) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    if (!own.some(([name]) => name === 'alarm') && names.size > 0) return [...names]
    for (const [name, { value }] of own) {
      if (typeof value === 'function' && name !== 'constructor' && name !== 'alarm') names.add(name)
    }
  }
}
