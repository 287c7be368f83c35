/**
 * Sells packs: one machine payment buys many requests, a time of free passage, or credit, and what follows needs no settlement.
 *
 * A settled pack answers with a receipt that the gate signs itself, good at the route that sold it. Its uses are counted in the
 * ledger of the payment, and only if that ledger knows the payment to have settled: whoever could sign such a receipt could open
 * nothing with it. The key is derived from the gate's secret, one for each generation, so that the secret can be replaced while
 * receipts are in use. Credit needs no receipt: the ledger of the payment grants it to the account (`ledger/rules/owed.ts`).
 */
import { SignJWT } from 'jose'
import { isFromHere } from '../../access/authority.ts'
import type { Issuer } from '../../access/issuer.ts'
import { OWN_MAPPING } from '../../access/ownclaims.ts'
import type { Receipt } from '../../access/receipt.ts'
import { compileResource } from '../../access/resource.ts'
import type { Fault } from '../../config/rules/fault.ts'
import { formatAmount } from '../../core/money.ts'
import type { Field } from '../../http/rules/exchange.ts'
import { gateKey, type GateKeys, newestGateKey } from '../../secrets/gatekeys.ts'
import type { Zone } from '../../zone.ts'
import type { PackSale, Rail } from '../rail.ts'
import { RECEIPT_FIELD } from '../receipt.ts'
import { packEndMs, packIssuer, usesAfterFirst } from './rules/terms.ts'

const USE = 'pack-receipts'
const LONGEST_SECONDS = 31 * 86_400

/**
 * Sells the packs that routes name, to whoever pays by a rail that moves money: `x402()`, `mpp()`. The answer to the payment
 * carries a receipt in `Faregate-Receipt`, which the client sends in the same field from then on; credit goes to the account
 * whose token came beside the payment. With `purchases()` a browser keeps the receipt of what a page of the site has bought.
 * Needs `receipt()` and `secrets.gate`.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), receipt(), packs(), x402({
 *   facilitator: { url: 'https://facilitator.example.com' },
 *   accepts: [{
 *     network: 'eip155:8453', asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', name: 'USD Coin', version: '2',
 *     decimals: 6, currency: 'USD', payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
 *   }],
 * })],
 * routes: [{
 *   path: '/api/*', price: { amount: '0.01', currency: 'USD' },
 *   packs: [{ uses: 100, amount: '0.90' }, { pass: 'PT1H', amount: '0.50' }],
 * }],
 * ```
 */
export function packs(): Rail {
  const rail: Rail = {
    name: 'packs',
    role: 'payment',
    kinds: [],
    needsGateKey: true,
    present: () => undefined,
    challenge: () => ({ fields: [], isStatic: true }),
    peek: () => undefined,
    strip: () => undefined,
    exposes: [RECEIPT_FIELD],
    signedIssuers: ({ id, audience, gateKeys }) =>
      (gateKeys?.secrets ?? []).flatMap(({ generation }) => issuerOf(gateKeys, id, audience, generation) ?? []),
    sellPack: async (sale) => (await soldIn(sale))?.fields ?? [],
    zoneFaults: (_zone, rails) => (rails.some(({ name }) => name === 'receipt') ? [] : NEEDS_RECEIPT),
  }
  return { ...rail, beside: (rails) => ({ ...rail, sellPack: (sale) => soldAndKept(sale, rails) }) }
}

/**
 * Sells a pack, and has it kept in the browser too: by the rail that keeps receipts there, if a page of the zone's own has paid.
 * Any other client has no jar, or one that is not for this.
 */
async function soldAndKept(sale: PackSale, rails: readonly Rail[]): Promise<readonly Field[]> {
  const sold = await soldIn(sale)
  if (sold === undefined) return []
  const { exchange, zone } = sale
  if (!isFromHere(exchange, 'host-cookie')) return sold.fields
  const keeper = rails.find((rail) => rail.keepReceipt !== undefined)
  return [...sold.fields, ...((await keeper?.keepReceipt?.(sold.receipt, exchange, zone)) ?? [])]
}

const NEEDS_RECEIPT: readonly Fault[] = [{ path: 'rails', message: 'expected receipt() beside packs()' }]

function issuerOf(
  keys: GateKeys | undefined,
  zoneId: string,
  audience: string,
  generation: number,
): Issuer | undefined {
  const key = keys && gateKey(keys, USE, zoneId, generation)
  if (key === undefined) return undefined
  return {
    issuer: packIssuer(generation),
    audience,
    algorithms: ['HS256'],
    keys: { kind: 'secret', bytes: key.bytes },
    types: { payment: ['payment+jwt'] },
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 0,
    maxLifetimeSeconds: LONGEST_SECONDS,
    signsPacks: true,
  }
}

interface SoldPack {
  readonly receipt: Receipt
  readonly fields: readonly Field[]
}

/** Signs the receipt of a settled pack. A repeat gets another token for the same payment, and no further uses. */
async function soldIn(sale: PackSale): Promise<SoldPack | undefined> {
  const signing = newestIssuer(sale.zone)
  const receipt = signing && receiptSold(sale, signing)
  if (signing === undefined || receipt === undefined) return undefined
  const { jti, amount, grant, methods, issuedAt, expires } = receipt
  const token = await new SignJWT({
    jti,
    amount: formatAmount(amount),
    currency: amount.currency,
    resource: sale.route.path,
    methods: [...methods],
    ...(grant.kind === 'pass' ? { pass: grant.passSeconds } : { uses: grant.uses }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'payment+jwt' })
    .setIssuer(signing.iss)
    .setAudience(signing.audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(signing.bytes)
  return { receipt, fields: [[RECEIPT_FIELD, token]] }
}

/** Returns the receipt that a settled pack buys; undefined for credit. */
function receiptSold({ route, payment, pack, exchange, now }: PackSale, { iss }: Signing): Receipt | undefined {
  const { gives, amount } = pack
  const resource = compileResource(route.path)
  if (gives.kind === 'credit' || resource === undefined) return undefined
  const issuedAt = Math.floor(now / 1000)
  return {
    kind: 'receipt',
    issuer: iss,
    jti: payment,
    payer: undefined,
    amount,
    resource,
    methods: route.methods ?? [...new Set([exchange.method, 'GET', 'HEAD'])],
    grant: gives.kind === 'pass' ? gives : { kind: 'uses', uses: usesAfterFirst(gives) },
    isPack: true,
    issuedAt,
    notBefore: issuedAt,
    expires: Math.floor(packEndMs(gives, now) / 1000),
    toleranceSeconds: 0,
    accountHash: undefined,
  }
}

interface Signing {
  readonly iss: string
  readonly audience: string
  readonly bytes: Uint8Array
}

function newestIssuer({ gateKeys, id, issuers }: Zone): Signing | undefined {
  if (gateKeys === undefined) return undefined
  const { generation, bytes } = newestGateKey(gateKeys, USE, id)
  const iss = packIssuer(generation)
  const found = issuers.find(({ issuer }) => issuer === iss)
  return found && { iss, audience: found.audience, bytes }
}
