import * as v from 'valibot'
import type { Bindings, QueueProducer } from '../config/rules/bindings.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { shownName, text } from '../config/rules/values.ts'
import { causeOf } from '../core/error.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { eventOf } from './cloudevents.ts'
import { limitEvents, thresholdOption } from './limits.ts'
import type { UsageSink } from './sink.ts'

/** The queue that receives CloudEvents, each as one JSON message. */
export interface QueueOptions {
  /** Names the environment's binding of a queue's producer. */
  queue: string
  /**
   * Tells billing once when an account has used such a share of a limit, in per cent of its quota: `[50, 75, 90, 100]`. Whole
   * numbers from 1 to 100. Default: none.
   */
  thresholds?: readonly number[]
}

/** The limits of Cloudflare Queues, in kB of 1000 bytes. The platform adds about a hundred bytes to each message. */
const MAX_MESSAGES = 100
const MAX_MESSAGE_BYTES = 128_000
const MAX_BATCH_BYTES = 256_000
const OVERHEAD_BYTES = 100
const TIMEOUT_MS = 5000

interface Message {
  readonly record: LedgerRecord
  readonly body: unknown
  readonly bytes: number
}

/**
 * Sends each record to a Cloudflare Queue as a JSON message with one CloudEvent. Keeps the order, and makes as many batches
 * as the limits of a queue require. A failed batch is logged, and its records are sent again: a consumer may receive a
 * message twice. A message too large for any queue is passed over, with a line in the log that names the record.
 *
 * @example
 * ```ts options
 * usage: [queue({ queue: 'USAGE_QUEUE' })]
 * ```
 */
export function queue(options: QueueOptions): UsageSink {
  const { faults, read } = pluginOptions(
    ({ queues }) => v.strictObject({ queue: producerIn(queues), thresholds: thresholdOption }),
    options,
  )
  return {
    name: 'queue',
    to: `queue ${options?.queue}`,
    ...limitEvents(options),
    hearsAnomalies: true,
    faults,
    create({ bindings }, warn) {
      const { queue: producer } = read(bindings)
      return async (records) => {
        const messages = records.map(messageOf)
        const [fitting, tooLarge] = [messages.filter(fits), messages.filter((message) => !fits(message))]
        for (const { record } of tooLarge) warn('passed over: too large for a queue', record.id)
        const done = tooLarge.map(({ record }) => record.position)
        for (const batch of batchesOf(fitting)) {
          try {
            await withTimeLimit(producer.sendBatch(batch.map(({ body }) => ({ body, contentType: 'json' }))))
          } catch (error) {
            warn(causeOf(error))
            break
          }
          done.push(...batch.map(({ record }) => record.position))
        }
        return done
      }
    },
  }
}

/** Replaces the name of a producer by the producer. */
function producerIn(queues: Bindings['queues']) {
  return v.pipe(
    text,
    v.rawTransform<string, QueueProducer>(({ dataset, addIssue, NEVER }) => {
      const producer = queues.get(dataset.value)
      if (producer !== undefined) return producer
      addIssue({ message: `the environment has no queue of the name ${shownName(dataset.value)}` })
      return NEVER
    }),
  )
}

function messageOf(record: LedgerRecord): Message {
  const body = eventOf(record)
  return { record, body, bytes: new TextEncoder().encode(JSON.stringify(body)).length + OVERHEAD_BYTES }
}

function fits({ bytes }: Message): boolean {
  return bytes <= MAX_MESSAGE_BYTES
}

function batchesOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const batches: Message[][] = []
  let room = 0
  for (const message of messages) {
    const last = batches.at(-1)
    if (last === undefined || last.length === MAX_MESSAGES || message.bytes > room) {
      batches.push([message])
      room = MAX_BATCH_BYTES - message.bytes
    } else {
      last.push(message)
      room -= message.bytes
    }
  }
  return batches
}

async function withTimeLimit(sending: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DOMException('the queue did not answer', 'TimeoutError')), TIMEOUT_MS)
  })
  try {
    await Promise.race([sending, late])
  } finally {
    if (timer !== undefined) clearTimeout(timer)
  }
}
