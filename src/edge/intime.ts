/** What the work comes to; undefined where that takes too long. The work goes on, and nobody waits for it. */
export async function inTime<T>(work: Promise<T>, mostMs: number): Promise<T | undefined> {
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
