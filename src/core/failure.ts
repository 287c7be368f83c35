/** What kind of failure it was, for the log. Its message may say anything, a credential included, and is left out. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
