import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { EventReceiver } from '../standing/eventreceiver.ts'
import type { EndpointFactory } from './endpoint.ts'
import type { LoginPlugin } from './loginplugin.ts'

/**
 * A sender of changes of accounts in a form of its own, such as a payment provider's webhooks. Each source is one folder or
 * file; a zone lists its sources under `events`. A source verifies and reads an event. The endpoint applies the change, as
 * it applies billing's own events.
 *
 * @example
 * ```ts
 * // src/endpoints/shopevents.ts
 * import { err, ok } from '../core/result.ts'
 * import type { EventSource } from './eventsource.ts'
 * import { sourceEndpoint } from './sourceevents.ts'
 *
 * // Takes `{"id": "7", "ended": "account-7"}`, authenticated by a shared secret in a field.
 * export function shopEvents(issuer: string, secretName: string): EventSource {
 *   return {
 *     name: 'shop',
 *     path: 'shop',
 *     endpoint: sourceEndpoint('shop'),
 *     faults: ({ secrets }) => (secrets.has(secretName) ? [] : [{ path: 'secretName', message: 'expected a secret' }]),
 *     create: ({ secrets }) => ({
 *       name: 'shop',
 *       path: 'shop',
 *       issuer,
 *       maxBytes: 1024,
 *       refuseUnread: (fields) =>
 *         fields.get('x-shop-secret') === secrets.get(secretName) ? undefined : { kind: 'refused', detail: 'Not the shop.' },
 *       async read(body, _fields, { now }) {
 *         const { id, ended } = JSON.parse(new TextDecoder().decode(body)) as { id?: string; ended?: string }
 *         if (id === undefined || ended === undefined) return err({ kind: 'refused', detail: 'No event of the shop.' })
 *         const statement = { kind: 'standing', at: now / 1000, standing: 'inactive' } as const
 *         const changes = [{ kind: 'statement', statement }] as const
 *         return ok({ id, resolve: async () => ok({ id, issuer, account: ended, changes }) })
 *       },
 *     }),
 *   }
 * }
 * ```
 */
export interface EventSource {
  /** The name in the log: of the action and of its author. */
  readonly name: string
  /** A word of lower-case letters, digits and `-`. */
  readonly path: string
  /** The endpoint `POST /__faregate/events/<path>`: `sourceEndpoint(path)`. */
  readonly endpoint: EndpointFactory
  /** A login that comes with the source. */
  readonly login?: LoginPlugin
  /** Returns the faults of the options in this environment and zone; paths begin at the source. */
  faults(bindings: Bindings, zone: EventSourceZone): readonly Fault[]
  /** Creates the receiver for one zone. Called only if there are no faults. */
  create(bindings: Bindings): EventReceiver
}

/** The zone that lists a source. */
export interface EventSourceZone {
  /** The `iss` of each issuer whose tokens it takes. */
  readonly issuers: readonly string[]
}
