import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { HS256_BYTES, safeUrl, secretValue } from '../config/rules/values.ts'
import { BATCH_TYPE, eventOf } from './cloudevents.ts'
import { deliver, verdictOf } from './deliver.ts'
import { limitEvents, thresholdOption } from './limits.ts'
import { postBatch } from './post.ts'
import { createBodySigner } from './signing.ts'
import { addressIn, type UsageSink } from './sink.ts'

/** The address that receives batches of CloudEvents, and the secret that signs them. */
export interface SignedOptions {
  /** https, or http on loopback. Billing takes a batch by answering 2xx; otherwise the same batch is sent again. */
  url: string
  /** Names the environment's secret that signs: at least 32 bytes. */
  secret: string
  /**
   * Tells billing once when an account has used such a share of a limit, in per cent of its quota: `[50, 75, 90, 100]`. Whole
   * numbers from 1 to 100. Default: none.
   */
  thresholds?: readonly number[]
}

/**
 * Posts records as one batch of CloudEvents, signed in `Faregate-Signature`. Any 2xx takes the whole batch. A batch refused
 * for its content (400, 413, 422) is halved, as `deliver` describes. Any other outcome is logged, and the same records are
 * sent again: billing may receive a record twice, with the same `id`.
 *
 * @example
 * ```ts options
 * usage: [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })]
 * ```
 */
export function signed(options: SignedOptions): UsageSink {
  const { faults, read } = pluginOptions(
    ({ secrets }) =>
      v.strictObject({ url: safeUrl, secret: secretValue(secrets, HS256_BYTES), thresholds: thresholdOption }),
    options,
  )
  return {
    name: 'signed',
    to: addressIn(options),
    ...limitEvents(options),
    hearsAnomalies: true,
    faults,
    create(platform, warn) {
      const { url, secret } = read(platform.bindings)
      const sign = createBodySigner(secret)
      return (records) =>
        deliver(
          [records],
          async (batch) => {
            const body = JSON.stringify(batch.map(eventOf))
            const signature = await sign(Math.floor(platform.clock() / 1000), body)
            const fields = { 'content-type': BATCH_TYPE, 'faregate-signature': signature }
            return verdictOf(await postBatch(platform, url, fields, body))
          },
          { now: platform.clock(), warn },
        )
    },
  }
}
