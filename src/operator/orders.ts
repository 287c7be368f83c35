/**
 * The buttons of the dashboard: each posts an order that the gate has sealed when it wrote the page.
 *
 * Nobody but the gate makes such a value, and it is good in the session and the zone of its page alone, so it is the token of
 * the form too: whoever has not read the page of this session can post nothing. What an order is about, as the name of an
 * account, is not readable in the page. The order itself is carried out by the code of the endpoint that is named after it.
 */
import type { Json } from '../core/json.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Zone } from '../zone.ts'
import type { OperatorSession } from './rules/session.ts'

const ORDER: SealKind = { use: 'dashboard', typ: 'operator-order+jwt' }

/** An order that a button posts. */
export interface ButtonOrder {
  /** The path of the endpoint that carries it out; `sign-out` for the session itself. */
  readonly order: string
  /** The members of the order that the page has decided. */
  readonly body: Readonly<Record<string, Json>>
  /** The members that the person fills in: one that is left empty is left out. */
  readonly asks?: readonly string[]
}

/** The order that ends the session. */
export const SIGN_OUT = 'sign-out'

/** Seals an order for the page of a session. Empty without a secret of the gate. */
export async function sealOrder(
  { order, body, asks = [] }: ButtonOrder,
  { id, until }: OperatorSession,
  { gateKeys, id: zoneId }: Zone,
): Promise<string> {
  const sealed = { session: id, until, order, body: { ...body }, asks: [...asks] }
  return gateKeys === undefined ? '' : seal(sealed, ORDER, gateKeys, zoneId)
}

/**
 * Opens the order that a form posted, with what the person filled in. Undefined if the gate has not sealed it for this session
 * and zone, or if it has ended.
 */
export async function openOrder(
  form: URLSearchParams,
  session: OperatorSession,
  { gateKeys, id: zoneId }: Zone,
  now: number,
): Promise<ButtonOrder | undefined> {
  const opened = gateKeys && (await unseal(form.get('do') ?? '', ORDER, gateKeys, zoneId))
  if (!isSealedOrder(opened) || opened.session !== session.id || opened.until <= now) return undefined
  const filled = opened.asks.flatMap((name) => {
    const value = (form.get(name) ?? '').trim()
    return value === '' ? [] : [[name, value] as const]
  })
  return { order: opened.order, body: { ...opened.body, ...Object.fromEntries(filled) } }
}

interface SealedOrder extends Required<ButtonOrder> {
  readonly session: string
  readonly until: number
}

function isSealedOrder(value: unknown): value is SealedOrder {
  return typeof value === 'object' && value !== null && 'session' in value && 'order' in value
}
