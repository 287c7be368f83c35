const LEAST_MS = 100
const MOST_MS = 300_000

/**
 * Lets an SDK wait without waiting. Meanwhile a timer that a package sets fires at once, and its time is returned, if it is of a tenth of
 * a second to five minutes. Longer timers are time limits of requests, which nothing here reaches.
 */
export async function withoutWaiting<T>(run: () => Promise<T>): Promise<{ value: T; waits: readonly number[] }> {
  const waits: number[] = []
  const { setTimeout: real } = globalThis
  const hurried = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const isWait = ms >= LEAST_MS && ms <= MOST_MS && isSetByPackage()
    if (isWait) waits.push(ms)
    return real(callback, isWait ? 0 : ms, ...args)
  }
  globalThis.setTimeout = Object.assign(hurried, real)
  try {
    return { value: await run(), waits }
  } finally {
    globalThis.setTimeout = real
  }
}

/** The timers of Node itself, as those of connections, run as they are. */
function isSetByPackage(): boolean {
  const [, , , setter = ''] = new Error('where').stack?.split('\n') ?? []
  return setter.includes('node_modules')
}
