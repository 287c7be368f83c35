/** Timers hold no longer than this (HTML §8.6: a signed 32-bit number of milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1

/** How long a stream or socket may stay open: until what opened it ends or the route's limit, whichever is first. */
export function sessionMs(endsMs: number, maxSessionMs: number, now: number): number {
  return Math.max(0, Math.min(endsMs - now, maxSessionMs, MAX_TIMER_MS))
}

/** The same stream, ended in order when its time is up. */
export function boundStream(body: ReadableStream, lastsMs: number): ReadableStream {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => {
    if (timer !== undefined) clearTimeout(timer)
  }
  const transformer: Transformer & { cancel: () => void } = {
    start(controller) {
      timer = setTimeout(() => controller.terminate(), lastsMs)
    },
    flush: stop,
    cancel: stop,
  }
  return body.pipeThrough(new TransformStream(transformer))
}

/** Server-sent events (HTML §9.2), which go on until someone ends them. */
export function isEventStream(headers: Headers): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false
}
