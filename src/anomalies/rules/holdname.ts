/** Returns the name of the hold that a finding places. `reference`: the request at which the step was taken. */
export function holdName(reference: string): string {
  return `anomaly ${reference}`
}
