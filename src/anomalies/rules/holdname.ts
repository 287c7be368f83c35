const ANOMALY = 'anomaly '

/** Returns the name of the hold that a finding places. `reference`: the request at which the step was taken. */
export function holdName(reference: string): string {
  return `${ANOMALY}${reference}`
}

/** Returns the reference in the name of a hold that a finding has placed; undefined in others. */
export function holdReference(name: string): string | undefined {
  return name.startsWith(ANOMALY) ? name.slice(ANOMALY.length) : undefined
}
