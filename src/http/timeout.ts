/** The time limit of a ledger call. Work that ends later is taken back, or is found again when the call is repeated. */
export const LEDGER_MS = 3000

/**
 * Returns the result of `work`, or undefined after `mostMs` milliseconds. Work that is late goes on by itself. Throws as
 * `work` does.
 */
export async function withTimeout<T>(work: Promise<T>, mostMs: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, mostMs, undefined)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    if (timer !== undefined) clearTimeout(timer)
  }
}
