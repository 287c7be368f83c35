import { accountFault } from '../access/accountname.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { EndpointFactory } from './endpoint.ts'
import { keysInZone, NOT_KNOWN, runKeyOrder } from './keysact.ts'
import { type KeyOrder, readKeyOrder } from './keysread.ts'
import { describeZoneKeys } from './keysview.ts'
import { type AdminAction, badRequest, isText, operatorEndpoint, readIssuer, readMembers } from './operator.ts'

/**
 * `POST /__faregate/keys` with an operator token of the scope `keys`: makes and changes the API keys of an account. `{"action":
 * "create", "account": "account-7", "name": "CI", "entitlements": ["api"]}` answers the key, once. Further actions are `list`,
 * `rotate`, `disable`, `enable`, `change` and `remove`, and `zone`, which lists the keys of the whole site. See docs/api-keys.md.
 *
 * @example
 * ```ts options
 * endpoints: [manageKeys()]
 * ```
 */
export function manageKeys(): EndpointFactory {
  return { ...operatorEndpoint('keys', createAction), needsGateKey: true }
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit) {
      const asked = zoneQuestion(body)
      if (asked !== undefined) {
        if (!asked.ok) return err(badRequest(asked.error))
        audit.action = 'keys-listed'
        audit.isIdle = true
        const listed = await keysInZone(zone, services)
        return listed.ok ? ok(describeZoneKeys(listed.value, asked.value, services.clock())) : listed
      }
      const read = readAccountOrder(body, zone)
      if (!read.ok) return err(badRequest(read.error))
      const { order, owner } = read.value
      audit.action = ACTS[order.action]
      audit.subject = { ...owner, ...('id' in order && { jti: order.id }) }
      audit.isIdle = order.action === 'list'
      return runKeyOrder(order, { owner, zone, by: audit.by ?? 'operator', act: audit.toAct() }, services)
    },
  }
}

/** The name of each action in the audit. */
export const ACTS: Readonly<Record<KeyOrder['action'], string>> = {
  list: 'keys-listed',
  create: 'key-created',
  change: 'key-changed',
  rotate: 'key-rotated',
  disable: 'key-disabled',
  enable: 'key-enabled',
  remove: 'key-removed',
}

/** Reads the question about the keys of the whole zone; undefined for an order about an account. */
function zoneQuestion(body: unknown): Result<number | undefined, string> | undefined {
  if (typeof body !== 'object' || body === null || !('action' in body) || body.action !== 'zone') return undefined
  const members = readMembers(body, ['action', 'generation'])
  if (!members.ok) return members
  const generation = members.value.get('generation')
  if (generation === undefined) return ok(undefined)
  return typeof generation === 'number' ? ok(generation) : err('generation: expected a number.')
}

interface AccountOrder {
  readonly order: KeyOrder
  readonly owner: { readonly issuer: string; readonly account: string }
}

function readAccountOrder(body: unknown, zone: Zone): Result<AccountOrder, string> {
  const order = readKeyOrder(body, ['account', 'issuer'])
  if (!order.ok) return order
  const members = new Map(Object.entries(body ?? {}))
  const issuer = readIssuer(members.get('issuer'), zone)
  if (!issuer.ok) return issuer
  const account: unknown = members.get('account')
  if (!isText(account)) return err('account: expected the "sub" of its tokens.')
  // Nobody could ever say that such an account is cancelled.
  const fault = order.value.action === 'create' ? accountFault(zone.issuers, issuer.value, account) : undefined
  if (fault !== undefined) return err(fault)
  return ok({ order: order.value, owner: { issuer: issuer.value, account } })
}
