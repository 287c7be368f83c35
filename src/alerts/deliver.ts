/** Tells receivers of alerts, in order and at least once. A receiver that is silent or fails delays no other. */
import { logWarning } from '../log.ts'
import { verdictOf } from '../usage/deliver.ts'
import { postBatch } from '../usage/post.ts'
import { createBodySigner } from '../usage/signing.ts'
import type { WatchPlatform } from '../tallies/watch.ts'
import { hostOf } from './here.ts'
import type { AlertTerms } from './options.ts'
import { afterTelling, type Waiting } from './rules/outbox.ts'

/** The most messages that a receiver is sent in one round. */
const MOST_SENT = 20
/** A receiver that refuses a message as such so often is not sent it any more. */
const MOST_REFUSALS = 5

/** Sends what waits for one receiver. Never rejects. */
export type TellReceiver = (waiting: Waiting) => Promise<Waiting>

/** Creates what tells each receiver, by its name in the storage: its place in the configuration, and its host. */
export function createReceivers(
  { to }: Pick<AlertTerms, 'to'>,
  platform: Pick<WatchPlatform, 'fetch' | 'clock'>,
): ReadonlyMap<string, TellReceiver> {
  return new Map(
    to.map(({ url, secret }, index) => {
      const sign = createBodySigner(secret)
      const receiver = `${index} ${hostOf(url)}`
      const send = async (body: string) => {
        const signature = await sign(Math.floor(platform.clock() / 1000), body)
        const fields = { 'content-type': 'application/json', 'faregate-signature': signature }
        return verdictOf(await postBatch(platform, url, fields, body))
      }
      return [receiver, (waiting) => tell(waiting, send, platform)] as const
    }),
  )
}

async function tell(
  waiting: Waiting,
  send: (body: string) => Promise<ReturnType<typeof verdictOf>>,
  { clock }: Pick<WatchPlatform, 'clock'>,
): Promise<Waiting> {
  if (waiting.messages.length === 0 || clock() < waiting.until) return waiting
  let taken = 0
  for (const message of waiting.messages.slice(0, MOST_SENT)) {
    const verdict = await send(JSON.stringify(message))
    const isGivenUp = verdict.kind === 'refused' && taken === 0 && waiting.failures + 1 >= MOST_REFUSALS
    if (verdict.kind !== 'taken') {
      logWarning({ alerts: verdict.problem, to: waiting.receiver, alert: message.alert, dropped: isGivenUp })
      if (!isGivenUp) return afterTelling(waiting, taken, true, clock())
    }
    taken += 1
  }
  return afterTelling(waiting, taken, false, clock())
}
