import { errorEvent } from './errors.ts'
import { numberOf } from './faults.ts'
import type { Turn } from './turn.ts'

/** One server-sent event. */
export interface ModelEvent {
  /** Absent: the event has no name. */
  readonly name?: string
  /** Written as JSON; a string as it is. */
  readonly data: unknown
  /** The tokens that were generated for it. */
  readonly tokens?: number
}

/** What the answer to one request meets on its way. */
export interface Course {
  /** Resolves once a request that waits may go on. */
  wait(): Promise<void>
  /** Awaited before each event that has tokens. */
  pace(): Promise<void>
  sent(event: ModelEvent): void
  ended(how: 'done' | 'broken' | 'cancelled'): void
}

const utf8 = new TextEncoder()

/** Writes events as a stream that is generated only as fast as it is read. */
export function eventStream(
  api: string,
  turn: Turn,
  events: Iterable<ModelEvent>,
  course: Course,
): ReadableStream<Uint8Array> {
  const pieces = written(turn, faulty(api, turn, events, course))
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next()
          if (value !== undefined) return controller.enqueue(value)
          if (done !== true) return
          course.ended('done')
          controller.close()
        } catch (error) {
          course.ended('broken')
          controller.error(error)
        }
      },
      cancel() {
        course.ended('cancelled')
        // Not awaited: what waits for a word would keep it from its end.
        void pieces.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The events with what was asked to go wrong. A throw breaks the connection. */
async function* faulty(
  api: string,
  turn: Turn,
  events: Iterable<ModelEvent>,
  course: Course,
): AsyncGenerator<ModelEvent> {
  const { faults } = turn
  const at = (name: Parameters<typeof numberOf>[1]): number | undefined => numberOf(faults, name)
  if (faults.has('slow-first')) await course.wait()
  if (faults.has('error-first')) return yield errorEvent(turn.family, api, 0)
  let count = 0
  for (const event of events) {
    if (count === at('error-after')) return yield errorEvent(turn.family, api, count)
    if (count === at('dies-after')) throw new Error('the provider died')
    if (count === at('ends-after')) return
    if (count === at('pause-after')) await course.wait()
    if (event.tokens !== undefined) await course.pace()
    // Otherwise whoever reads it to the end, which there is not, would let nothing else run.
    if (faults.has('never-ends') && count % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 0))
    count += 1
    course.sent(event)
    yield event
  }
}

async function* written({ faults }: Turn, events: AsyncIterable<ModelEvent>): AsyncGenerator<Uint8Array> {
  const size = numberOf(faults, 'split')
  for await (const event of events) {
    const text = eventText(event)
    const bytes = utf8.encode(faults.has('crlf') ? text.replaceAll('\n', '\r\n') : text)
    if (size === undefined) yield bytes
    else for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size)
  }
}

function eventText({ name, data }: ModelEvent): string {
  const head = name === undefined ? '' : `event: ${name}\n`
  return `${head}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
