/**
 * Keeps receipts in the browser that bought them.
 *
 * Somebody who buys one article has no account and no client that could send a token. So the receipt travels by a cookie,
 * sealed under a key of the gate: nobody else can make or read one. A receipt bought again has the same name, and takes the
 * place of its old cookie.
 */
import { base64url } from 'jose'
import type { Receipt } from '../../access/receipt.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { logWarning } from '../../log.ts'
import { seal, unseal } from '../../secrets/sealed.ts'
import type { Zone } from '../../zone.ts'
import {
  keptCookie,
  MAX_SEALED_CHARACTERS,
  MOST_CHARACTERS,
  MOST_RECEIPTS,
  RECEIPT_COOKIE,
  receiptsSent,
  removedCookie,
  type SentReceipt,
} from './jar.ts'
import { receiptOf, recordOf } from './rules/record.ts'

/** The kind of the sealed values. */
export const PURCHASE = { use: 'purchases', typ: 'purchase+jwt' } as const

/**
 * Returns the `Set-Cookie` values that keep the receipts in the browser until they end. If it then had more than twelve,
 * or more than 4,000 characters of them, those that it had before and that end first are removed: never what was just bought. A receipt too long for a cookie is left out, with a warning in the log. Without `secrets.gate`
 * there are none: the rail `purchases()` demands it.
 */
export async function purchaseCookies(
  receipts: readonly Receipt[],
  exchange: Exchange,
  zone: Zone,
): Promise<readonly string[]> {
  const added = (await Promise.all(receipts.map((receipt) => sealReceipt(receipt, zone)))).filter(isKept)
  const names = new Set(added.map(({ name }) => name))
  const before = await Promise.all(
    receiptsSent(exchange.fields)
      .filter(({ name }) => !names.has(name))
      .map((sent) => endingOf(sent, zone)),
  )
  const leaving = leavingFor(added, before)
  const now = Math.floor(exchange.now / 1000)
  return [
    ...added.map((one) => keptCookie(one, Math.ceil(one.ends - now))),
    ...leaving.map(({ name }) => removedCookie(name)),
  ]
}

/** Returns those of the cookies there were for which there is no room beside the new ones. */
function leavingFor(added: readonly EndingReceipt[], before: readonly EndingReceipt[]): readonly EndingReceipt[] {
  let count = added.length
  let characters = added.reduce((sum, one) => sum + charactersOf(one), 0)
  const last = before.toSorted((one, other) => other.ends - one.ends)
  return last.filter((one) => {
    const isLeaving = count >= MOST_RECEIPTS || characters + charactersOf(one) > MOST_CHARACTERS
    if (!isLeaving) count++
    if (!isLeaving) characters += charactersOf(one)
    return isLeaving
  })
}

/** With the `=` and the `; ` of the field. */
function charactersOf({ name, value }: SentReceipt): number {
  return name.length + value.length + 3
}

interface EndingReceipt extends SentReceipt {
  /** Seconds since 1970. */
  readonly ends: number
}

async function sealReceipt(receipt: Receipt, zone: Zone): Promise<EndingReceipt | undefined> {
  if (zone.gateKeys === undefined) return undefined
  const value = await seal(recordOf(receipt), PURCHASE, zone.gateKeys, zone.id)
  if (value.length > MAX_SEALED_CHARACTERS) {
    logWarning({ zone: zone.name, receipt: 'too long for a cookie' })
    return undefined
  }
  return { name: await nameOfReceipt(receipt, zone), value, ends: receipt.expires }
}

function isKept(receipt: EndingReceipt | undefined): receipt is EndingReceipt {
  return receipt !== undefined
}

/** A cookie that cannot be opened goes first: if it is good after all, its key may come back, and its receipt is not lost to it. */
async function endingOf(sent: SentReceipt, zone: Zone): Promise<EndingReceipt> {
  const opened = zone.gateKeys && (await unseal(sent.value, PURCHASE, zone.gateKeys, zone.id))
  const receipt = receiptOf(opened, zone.issuers)
  return { ...sent, ends: receipt.ok ? receipt.value.expires : Number.NEGATIVE_INFINITY }
}

const NAME_BYTES = 6

/** Returns the name of a receipt's cookie. It tells nothing of the receipt. */
async function nameOfReceipt({ issuer, jti }: Receipt, { id }: Zone): Promise<string> {
  const facts = new TextEncoder().encode(JSON.stringify([id, issuer, jti]))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', facts))
  return `${RECEIPT_COOKIE}${base64url.encode(digest.subarray(0, NAME_BYTES))}`
}
