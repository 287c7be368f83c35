import { createMac } from '../http/hmac.ts'
import { BATCH_TYPE, eventOf } from './cloudevents.ts'
import { deliver, type Send, verdictOf, type Warn } from './deliver.ts'
import { postBatch } from './post.ts'

/** Where the records of charges go, and what signs them. */
export interface SignedTarget {
  readonly url: string
  readonly secret: string
}

/**
 * Posts records as one signed batch of CloudEvents. Any 2xx takes all of them. A batch that is refused for what it says
 * (400, 413, 422) is halved, as `offer` says. Whatever else happens is told to `warn`, and the same records are to be sent
 * again. So billing may get a record twice, with the same `id`.
 */
export function createSignedSink({ url, secret }: SignedTarget, clock: () => number, warn: Warn): Send {
  const sign = createSigner(secret)
  return (records) =>
    deliver(
      [records],
      async (batch) => {
        const body = JSON.stringify(batch.map(eventOf))
        const signature = await sign(Math.floor(clock() / 1000), body)
        return verdictOf(await postBatch(url, { 'content-type': BATCH_TYPE, 'faregate-signature': signature }, body))
      },
      { now: clock(), warn },
    )
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 of `<seconds>.<body>`, so that an old batch cannot be passed off as a new one. */
function createSigner(secret: string): (seconds: number, body: string) => Promise<string> {
  const macOf = createMac(secret)
  return async (seconds, body) => {
    const mac = await macOf(`${seconds}.${body}`)
    const hex = [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return `t=${seconds},v1=${hex}`
  }
}
