/**
 * Opens the cookies of receipts, and remembers what was in them, in the bounded memory of verified tokens.
 *
 * A browser sends its cookies with every request, and opening one costs more than the decision. What was sealed here does not
 * change, so it is opened once in each isolate. Times, standing and uses are judged at each use.
 */
import type { Receipt } from '../../access/receipt.ts'
import type { ClockPartition } from '../../core/clockcache.ts'
import type { Eventually } from '../../core/eventually.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import type { Carried } from '../../rails/rail.ts'
import { headerOf, unseal } from '../../secrets/sealed.ts'
import { BYTES_A_CHARACTER, VERDICT_BYTES, type Verifiers } from '../../tokens/verify.ts'
import type { Zone } from '../../zone.ts'
import { MAX_SEALED_CHARACTERS, type SentReceipt } from './jar.ts'
import { receiptOf } from './rules/record.ts'
import { PURCHASE } from './cookies.ts'

/**
 * What a cookie holds. `hopeless`: no later key or configuration makes it good, so it may be removed. `unreadable`: not opened
 * here and now, as while the gate's secret is replaced; it counts as none, and stays.
 */
export type Opened =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'hopeless'; readonly refusal: Refusal }
  | { readonly kind: 'unreadable' }

/** A cookie, and what it holds. */
export interface OpenedCookie {
  readonly name: string
  readonly opened: Opened
}

type Sources = Pick<Carried, 'zone' | 'verifiers' | 'stores'>

/** Opens all cookies. Waits for nothing if each was opened before. */
export function openReceipts(sent: readonly SentReceipt[], sources: Sources): Eventually<readonly OpenedCookie[]> {
  const memory = memoryOf(sources)
  const known = sent.map(({ name, value }) => ({
    name,
    opened: memory.genuine.get(value) ?? memory.forged.get(value),
  }))
  if (known.every(isOpened)) return known
  return Promise.all(
    sent.map(async ({ name, value }, at) => ({
      name,
      opened: known[at]?.opened ?? (await openAnew(value, memory, sources)),
    })),
  )
}

function isOpened(cookie: { readonly name: string; readonly opened: Opened | undefined }): cookie is OpenedCookie {
  return cookie.opened !== undefined
}

interface OpenedMemory {
  readonly genuine: ClockPartition<Opened>
  /** What others wrote has room of its own, and cannot push out receipts. */
  readonly forged: ClockPartition<Opened>
}

/** Of each isolate, by the issuers of a zone: they decide what a cookie is worth. */
const memories = new WeakMap<Verifiers['verdicts'], WeakMap<Zone['issuers'], OpenedMemory>>()

function memoryOf({ verifiers: { verdicts }, zone: { issuers } }: Sources): OpenedMemory {
  const ofIsolate = memories.get(verdicts) ?? new WeakMap<Zone['issuers'], OpenedMemory>()
  memories.set(verdicts, ofIsolate)
  const known = ofIsolate.get(issuers)
  if (known !== undefined) return known
  const fresh: OpenedMemory = { genuine: verdicts.genuine(), forged: verdicts.forged() }
  ofIsolate.set(issuers, fresh)
  return fresh
}

/** Mostly the regular expressions that a resource is compiled to. */
const RECEIPT_BYTES = 4096

async function openAnew(value: string, { genuine, forged }: OpenedMemory, sources: Sources): Promise<Opened> {
  const opened = await open(value, sources)
  const bytes = VERDICT_BYTES + BYTES_A_CHARACTER * value.length
  if (opened.kind === 'receipt') genuine.set(value, opened, bytes + RECEIPT_BYTES)
  else forged.set(value, opened, bytes)
  return opened
}

async function open(value: string, { zone, stores }: Sources): Promise<Opened> {
  const { gateKeys, id, issuers } = zone
  const header = purchaseHeader(value)
  if (header === undefined) return MALFORMED
  if (header['typ'] !== PURCHASE.typ) return OTHER_TYPE
  const record = gateKeys && (await unseal(value, PURCHASE, gateKeys, id))
  if (record === undefined) return UNREADABLE
  const receipt = receiptOf(record, issuers)
  if (!receipt.ok) return FAULTS[receipt.error]
  const { issuer, payer } = receipt.value
  const accountHash = payer === undefined ? undefined : await stores.hashAccount?.(id, issuer, payer)
  return { kind: 'receipt', receipt: { ...receipt.value, accountHash } }
}

/** Returns the header of a sealed value, unverified; undefined if the text is none. */
export function purchaseHeader(value: string): Readonly<Record<string, unknown>> | undefined {
  return value.length > MAX_SEALED_CHARACTERS ? undefined : headerOf(value)
}

const UNREADABLE: Opened = { kind: 'unreadable' }
const MALFORMED: Opened = hopeless(
  refusal('credential-malformed', 'What this browser keeps as a purchase is none. Nothing was charged.', {
    check: 'spelling',
  }),
)
const OTHER_TYPE: Opened = hopeless(
  refusal('credential-invalid', 'What this browser keeps as a purchase is something else. Nothing was charged.', {
    check: 'type',
  }),
)
const OTHER_ISSUER: Opened = hopeless(
  refusal('credential-invalid', 'What was bought in this browser is not honoured here any more.', { check: 'issuer' }),
)
const FAULTS = { malformed: MALFORMED, issuer: OTHER_ISSUER, status: UNREADABLE } as const

function hopeless(why: Refusal): Opened {
  return { kind: 'hopeless', refusal: why }
}
