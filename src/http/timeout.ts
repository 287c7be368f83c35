/** How long a ledger may take. What it does later is taken back, or is the same when it is asked again. */
export const LEDGER_MS = 3000

/** What the work comes to, or undefined where it takes longer than so many milliseconds; it then goes on by itself. */
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
