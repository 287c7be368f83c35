/** What of a route stands beside little else. */
import * as v from 'valibot'
import type { ProtocolPlugin } from '../protocols/plugin.ts'

export const protocol = v.custom<ProtocolPlugin>(
  (value) => typeof value === 'object' && value !== null && 'terms' in value && 'create' in value && 'faults' in value,
  'expected a protocol, such as mcp({tools: {search: {price: {amount: "0.01", currency: "USD"}}}})',
)

export const OF_PROTOCOL =
  'expected neither "meter" nor "preview" nor "methods" nor copies beside "protocol": its answers are for one client alone'

export function isAloneWithProtocol(route: {
  protocol?: unknown
  meter?: unknown
  preview?: unknown
  methods?: unknown
  cache?: unknown
}) {
  if (route.protocol === undefined) return true
  const other = route.meter ?? route.preview ?? route.methods
  return other === undefined && (route.cache === undefined || route.cache === 'off')
}

export const billing = v.picklist(['same-host'], 'expected "same-host"')

export const OF_BILLING =
  'expected "billing" only beside "free" and without copies: what signs a reader in is for that reader alone'

export function isFreeIfOfBilling(route: { billing?: unknown; free?: true | undefined; cache?: unknown }) {
  if (route.billing === undefined) return true
  return route.free === true && (route.cache === undefined || route.cache === 'off')
}
