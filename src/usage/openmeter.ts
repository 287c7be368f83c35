import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { baseUrl, secretValue, TOKEN_BYTES } from '../config/rules/values.ts'
import { formatAmount } from '../core/money.ts'
import { additionOf, type LedgerRecord } from '../ledger/rules/record.ts'
import { BATCH_TYPE, countsOf, envelopeOf, payerOf } from './cloudevents.ts'
import { deliver, verdictOf } from './deliver.ts'
import { postBatch } from './post.ts'
import { addressIn, type UsageSink } from './sink.ts'

/** The address of an OpenMeter, and the credential for it. */
export interface OpenMeterOptions {
  /** Without `/api/v1/events`. https, or http on loopback. */
  url: string
  /** Names the environment's secret that is sent as `Bearer`: at least 16 bytes. */
  token: string
}

/**
 * Posts one CloudEvent of the type `faregate.usage` for each closed charge, with the kept amount. The data is flat, so that
 * a meter with the aggregation SUM can use `$.requests`, the name of any quota, that of a class in a meter's breakdown, `$.price` or `$.uses` as its
 * `valueProperty`. OpenMeter recognises a repeated event by `source` and `id`.
 *
 * OpenMeter documents no way to take usage back. A charge that was kept without a report of its delivery therefore stays
 * counted, even if a later report corrects it: the correction is passed over, with a line in the log.
 *
 * @example
 * ```ts options
 * usage: [openmeter({ url: 'https://openmeter.example.com', token: 'OPENMETER_TOKEN' })]
 * ```
 */
export function openmeter(options: OpenMeterOptions): UsageSink {
  const { faults, read } = pluginOptions(
    ({ secrets }) => v.strictObject({ url: baseUrl, token: secretValue(secrets, TOKEN_BYTES) }),
    options,
  )
  return {
    name: 'openmeter',
    to: addressIn(options),
    faults,
    create(platform, warn) {
      const { url, token } = read(platform.bindings)
      const endpoint = `${url.replace(/(?<!\/)\/+$/, '')}/api/v1/events`
      const fields = { 'content-type': BATCH_TYPE, authorization: `Bearer ${token}` }
      return async (records) => {
        const metered = records.filter((record) => meteredOf(record) !== undefined)
        const unmetered = records.filter((record) => !metered.includes(record))
        const done = await deliver(
          [metered],
          async (batch) => verdictOf(await postBatch(platform, endpoint, fields, JSON.stringify(batch.map(meteredOf)))),
          { now: platform.clock(), warn },
        )
        for (const record of unmetered.filter(takesBack)) warn('passed over: cannot be taken back', record.id)
        return [...done, ...unmetered.map(({ position }) => position)]
      }
    },
  }
}

function takesBack(record: LedgerRecord): boolean {
  return isCorrection(record) && additionOf(record) !== undefined
}

/** Returns true if the record changes what an earlier record said. A payment that settled after all only adds. */
function isCorrection({ corrects, kind }: LedgerRecord): boolean {
  return corrects !== undefined && kind !== 'settled'
}

/** Returns what was used by class, as decimal strings. */
function linesOf({ breakdown }: LedgerRecord): Record<string, string> {
  return Object.fromEntries((breakdown?.lines ?? []).map(({ name, units }) => [name, units.toString()]))
}

/** Returns the event, or undefined for a record that OpenMeter is not sent. A count wins over a fact of the same name. */
function meteredOf(record: LedgerRecord) {
  const added = isCorrection(record) ? undefined : additionOf(record)
  if (added === undefined) return undefined
  const { zone, route, method, meter, model } = record.facts
  const { price, uses } = added
  return {
    ...envelopeOf(record, 'faregate.usage'),
    data: {
      ...linesOf(record),
      charge: record.charge,
      paidBy: payerOf(record),
      zone,
      route,
      method,
      ...(meter !== undefined && { meter }),
      ...(model !== undefined && { model }),
      ...(price === undefined ? {} : { price: formatAmount(price), currency: price.currency }),
      ...(uses === 0 ? {} : { uses: uses.toString() }),
      ...countsOf(added),
    },
  }
}
