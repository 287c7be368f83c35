import type { Clock, WaitUntil } from './ports.ts'

const POST_EVERY_MS = 10_000
/** A post that has no answer by then has failed. */
export const POST_MS = 10_000

/**
 * Returns what is told of each request, and posts ten seconds after the first that had something to post. `isFirst`: nothing
 * was waiting before. A timer belongs to the request that set it, and may end with it; so every request looks at the time
 * too.
 */
export function createPosting(
  clock: Clock,
  post: () => Promise<void>,
): (isFirst: boolean, waitUntil: WaitUntil | undefined) => void {
  let [since, timerUntil] = [0, 0]
  return (isFirst, waitUntil) => {
    const now = clock()
    if (isFirst) since = now
    if (waitUntil === undefined) return
    if (now - since >= POST_EVERY_MS || now < since) {
      since = now
      waitUntil(post())
    } else if (now >= timerUntil || timerUntil > now + POST_EVERY_MS) {
      timerUntil = now + POST_EVERY_MS
      waitUntil(new Promise((done) => setTimeout(done, POST_EVERY_MS)).then(post))
    }
  }
}
