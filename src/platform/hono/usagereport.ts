/** The usage that an app reports for one request. */
export interface UsageReport {
  /** Adds units by name. Throws a `TypeError` unless every number is whole and at least 0, and then adds nothing. */
  readonly report: (units: Readonly<Record<string, number>>) => void
  /** Returns the sums by name, or undefined if nothing was reported. */
  readonly reported: () => Readonly<Record<string, bigint>> | undefined
}

export function createUsageReport(): UsageReport {
  const sums = new Map<string, bigint>()
  let isReported = false
  return {
    report(units) {
      const checked = checkedUnits(units)
      isReported = true
      for (const [name, more] of checked) sums.set(name, (sums.get(name) ?? 0n) + more)
    },
    reported: () => (isReported ? Object.fromEntries(sums) : undefined),
  }
}

function checkedUnits(units: unknown): [name: string, units: bigint][] {
  if (typeof units !== 'object' || units === null || Array.isArray(units))
    throw new TypeError('c.var.faregate.report: expected an object such as { rows: 12 }')
  return Object.entries(units).map(([name, count]) => [name, wholeUnits(name, count)])
}

function wholeUnits(name: string, count: unknown): bigint {
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    throw new TypeError(`c.var.faregate.report: expected a whole number from 0 on for ${JSON.stringify(name)}`)
  return BigInt(count)
}
