/**
 * What the account's ledger keeps of a session: how it is reached, and what renews a session, sealed.
 */
import type { Json } from '../../core/json.ts'
import type { Result } from '../../core/result.ts'
import { LEDGER_MS, withTimeout } from '../../http/timeout.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../../ledger/rules/orders.ts'
import { openLedger } from '../../ledger/rules/place.ts'
import type { Ledgers } from '../../ports.ts'
import type { GateKeys } from '../../secrets/gatekeys.ts'
import { seal, type SealKind, unseal } from '../../secrets/sealed.ts'
import type { Zone } from '../../zone.ts'

/** The account of a session, and the zone in which it is signed in. */
export interface SessionOwner {
  readonly issuer: string
  readonly account: string
  readonly zone: Zone
}

/** Carries out an order of the account's ledger. Undefined if it is not known whether it was carried out. */
export async function orderSession<N extends OrderName>(
  { issuer, account, zone }: SessionOwner,
  ledgers: Ledgers | undefined,
  name: N,
  command: OrderCommand<N>,
): Promise<OrderOutcome<N> | undefined> {
  if (ledgers === undefined) return undefined
  const ask = async (): Promise<Result<OrderOutcome<N>, 'ledger-unavailable'>> =>
    openLedger(ledgers, zone, { from: 'account', issuer, account }).order(name, command)
  const answer = await withTimeout(
    ask().catch(() => undefined),
    LEDGER_MS,
  )
  return answer?.ok === true ? answer.value : undefined
}

/** What renews a session. */
export interface RenewalSecrets {
  readonly refresh: string | undefined
  readonly hint: string | undefined
}

const RENEWAL: SealKind = { use: 'renewals', typ: 'renewal+jwt' }

/** Seals what renews a session, for its ledger. */
export function sealSecrets(
  { refresh, hint }: RenewalSecrets,
  sid: string,
  keys: GateKeys,
  zone: Zone,
): Promise<string> {
  const value: Json = { sid, ...(refresh !== undefined && { refresh }), ...(hint !== undefined && { hint }) }
  return seal(value, RENEWAL, keys, zone.id)
}

/** Opens what renews a session; undefined if it was not sealed for that session, or under a key that is gone. */
export async function unsealSecrets(sealed: string, sid: string, zone: Zone): Promise<RenewalSecrets | undefined> {
  const value = zone.gateKeys && (await unseal(sealed, RENEWAL, zone.gateKeys, zone.id))
  if (typeof value !== 'object' || value === null || !('sid' in value) || value.sid !== sid) return undefined
  return { refresh: textIn(value, 'refresh'), hint: textIn(value, 'hint') }
}

function textIn(value: object, name: string): string | undefined {
  const found: unknown = new Map<string, unknown>(Object.entries(value)).get(name)
  return typeof found === 'string' ? found : undefined
}
