/**
 * The rail for receipts that the browser keeps.
 *
 * A browser sends its cookies with every request, whoever caused it. So a receipt of a number of uses is spent only after its
 * reader has confirmed that on a page of ours, as a price is that is paid from credit; one confirmation is one charge for five
 * minutes. A pass opens where a page is opened, without a confirmation: it was bought to go on reading, its time runs whether
 * it is used or not, and nothing but its beginning can be brought about by another site. What a page of ours fetches passes
 * too. A receipt that a client sends on purpose counts instead of any cookie.
 */
import { authorityOf } from '../../access/authority.ts'
import { confirmationOf, confirmationsIn } from '../../access/confirmation.ts'
import { judgeLifetime } from '../../access/lifetime.ts'
import type { PaymentPresentation } from '../../access/proof.ts'
import type { Offer } from '../../access/offer.ts'
import { type Receipt, shortfall } from '../../access/receipt.ts'
import { coversTarget } from '../../access/resource.ts'
import { match } from '../../access/route.ts'
import { after, type Eventually } from '../../core/eventually.ts'
import { refusal } from '../../core/problem.ts'
import { err, ok } from '../../core/result.ts'
import { allowsMethod, type Field, isUpgrade } from '../../http/rules/exchange.ts'
import { stripOwnCookies } from '../../http/rules/owncookies.ts'
import { isEndpointTarget } from '../../http/rules/target.ts'
import { readLedger } from '../../ledger/ledgerview.ts'
import { holderOf } from '../../ledger/rules/name.ts'
import type { Carried, Rail, Unverified } from '../../rails/rail.ts'
import { EXPOSED, isExposed } from '../../tokens/bearer.ts'
import { payerBinding } from '../../tokens/binding.ts'
import { purchaseCookies } from './cookies.ts'
import { receiptsSent, removedCookie } from './jar.ts'
import { purchaseHeader, type OpenedCookie, openReceipts } from './opened.ts'
import { type Candidate, chooseReceipt, lastBought } from './rules/choice.ts'

/** How long receipts stay in a browser. */
export interface PurchasesOptions {
  /**
   * The days after its signing for which a receipt in a cookie is good at most, whatever its own end: 1 to 400, since browsers
   * keep no cookie longer. What is said of accounts and tokens is kept for as long. Default 366.
   */
  days?: number
}

const NAME = 'purchases'
const DAY_SECONDS = 86_400
const DEFAULT_DAYS = 366
const MOST_DAYS = 400

/**
 * Takes receipts from the cookies that `__Host-faregate-receipt-…` names: what a browser bought through a login of the zone,
 * or as a pack of `packs()`.
 * Needs `secrets.gate` and ledgers.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), receipt(), purchases()],
 * routes: [{ path: '/articles/*', price: { amount: '0.90', currency: 'EUR' } }],
 * ```
 */
export function purchases({ days = DEFAULT_DAYS }: PurchasesOptions = {}): Rail {
  const isRight = Number.isInteger(days) && days >= 1 && days <= MOST_DAYS
  const mostSeconds = (isRight ? days : DEFAULT_DAYS) * DAY_SECONDS
  return {
    name: NAME,
    role: 'payment',
    kinds: [],
    needsGateKey: true,
    longestUseSeconds: mostSeconds,
    present(carried) {
      const { exchange } = carried
      const sent = receiptsSent(exchange.fields)
      if (sent.length === 0) return undefined
      if (isExposed(exchange)) return { ...AS_SENT, proof: err(EXPOSED) }
      return after(openReceipts(sent, carried), (opened) => presentOpened(opened, carried, mostSeconds))
    },
    challenge: () => ({ fields: [], isStatic: true }),
    peek: ({ exchange }) => peek(exchange),
    strip: stripOwnCookies,
    async keepReceipt(receipt, exchange, zone) {
      const cookies = await purchaseCookies([receipt], exchange, zone)
      return cookies.map((cookie): Field => ['Set-Cookie', cookie])
    },
    faults: () => (isRight ? [] : [{ path: 'days', message: `expected a whole number from 1 to ${MOST_DAYS}` }]),
  }
}

/** The bound of what authorises nothing. */
const AS_SENT = { role: 'payment', rail: NAME, authority: 'read' } as const

/** Presents the receipt that pays for the target, and removes what can never pay again. */
function presentOpened(
  cookies: readonly OpenedCookie[],
  carried: Carried,
  mostSeconds: number,
): Eventually<PaymentPresentation | undefined> {
  const { call } = carried
  const kept = cookies.flatMap(({ name, opened }) =>
    opened.kind === 'receipt' ? [{ name, receipt: endingWithin(opened.receipt, mostSeconds) }] : [],
  )
  const hopeless = cookies.flatMap(({ name, opened }) => (opened.kind === 'hopeless' ? [{ name, ...opened }] : []))
  const isOver = ({ receipt }: { receipt: Receipt }): boolean =>
    judgeLifetime(receipt, call.now)?.reason === 'credential-expired'
  const fields = [...hopeless, ...kept.filter(isOver)].map(({ name }): Field => ['Set-Cookie', removedCookie(name)])
  const removing = fields.length === 0 ? {} : { fields }
  const paying = kept.map(({ receipt }) => receipt).filter((receipt) => isFor(receipt, carried))
  const good = paying.filter((receipt) => judgeLifetime(receipt, call.now) === undefined)
  const chosen = good.length > 1 ? chooseAmong(good, carried) : (good[0] ?? paying[0])
  return after(chosen, (receipt) => {
    if (receipt !== undefined) return after(bounded(receipt, carried), (one) => ({ ...one, ...removing }))
    const [first] = hopeless
    return first && { ...AS_SENT, proof: err(first.refusal), ...removing }
  })
}

function endingWithin(receipt: Receipt, mostSeconds: number): Receipt {
  const last = receipt.issuedAt + mostSeconds
  return receipt.expires <= last ? receipt : { ...receipt, expires: last }
}

/** Returns true for a receipt that opens the target. At the gate's own endpoints it opens nothing, and is shown. */
function isFor({ resource, methods }: Receipt, { exchange: { target, method } }: Carried): boolean {
  return isEndpointTarget(target) || (coversTarget(resource, target) && allowsMethod(methods, method))
}

const FROM_ELSEWHERE = /* @__PURE__ */ refusal(
  'payment-required',
  'The receipt was sent from another site, where it authorises neither this method nor an upgrade.',
  { check: 'presented' },
)

/** Bounds a receipt by the circumstances of the request, and by what its reader has confirmed. */
function bounded(receipt: Receipt, carried: Carried): Eventually<PaymentPresentation> {
  const { exchange, zone } = carried
  const authority = authorityOf(exchange, 'host-cookie', zone.origins)
  if (authority === undefined) return { ...AS_SENT, proof: err(FROM_ELSEWHERE) }
  const presented = { ...AS_SENT, proof: ok(receipt), authority }
  return after(confirmedOf(receipt, carried), (confirmed) =>
    confirmed.length === 0 ? presented : { ...presented, confirmed },
  )
}

type Confirmed = NonNullable<PaymentPresentation['confirmed']>
const NONE: Confirmed = []

/** Returns the uses of the receipt that are confirmed for this page. Most requests carry no confirmation. */
function confirmedOf(receipt: Receipt, { exchange, zone }: Carried): Eventually<Confirmed> {
  if (receipt.grant.kind === 'pass' || isUpgrade(exchange.fields)) return NONE
  const all = confirmationsIn(exchange.fields)
  if (all.length === 0) return NONE
  return payerBinding(zone, receipt, exchange.target).then((binding) => all.filter((one) => one.binding === binding))
}

/**
 * Chooses among several that pay. A confirmed one is used first, for its use may be paid already. Only then are the ledgers
 * asked what is left of each: a receipt that is used up must not hide one that is not.
 */
async function chooseAmong(receipts: readonly Receipt[], carried: Carried): Promise<Receipt | undefined> {
  const { exchange, zone, stores, call } = carried
  if (isEndpointTarget(exchange.target)) return lastBought(receipts)
  const offer = offerAt(carried)
  const paying = withoutShort(receipts, offer, exchange)
  for (const receipt of paying) if (await isConfirmed(receipt, offer, carried)) return receipt
  const isBounded = authorityOf(exchange, 'host-cookie', zone.origins) === 'read'
  const candidates = paying.map(async (receipt): Promise<Candidate> => {
    const { grant } = receipt
    const asked = grant.kind === 'uses' ? { uses: grant.uses } : { passSeconds: grant.passSeconds }
    const read = isBounded ? null : await readLedger(stores.ledgers, zone, holderOf(receipt), { receipt: asked })
    return { receipt, status: read === null || read === 'unavailable' ? undefined : read.receipt }
  })
  return chooseReceipt(await Promise.all(candidates), call.now)
}

function offerAt({ exchange: { target, method }, zone }: Carried): Offer | undefined {
  const matched = match(zone.routes, target, method)
  return matched.ok && matched.value.terms.kind === 'paid' ? matched.value.terms.offer : undefined
}

/** Leaves out receipts for which too little was paid here, unless that is all of them. */
function withoutShort(
  receipts: readonly Receipt[],
  offer: Offer | undefined,
  exchange: Carried['exchange'],
): readonly Receipt[] {
  const enough = offer && receipts.filter((receipt) => shortfall(receipt, offer, exchange) === undefined)
  return enough === undefined || enough.length === 0 ? receipts : enough
}

async function isConfirmed(receipt: Receipt, offer: Offer | undefined, carried: Carried): Promise<boolean> {
  if (offer?.price === undefined) return false
  return confirmationOf(await confirmedOf(receipt, carried), offer.price, carried.call.now) !== undefined
}

/** The contents are sealed: only the header shows. */
function peek({ fields }: Carried['exchange']): Unverified | undefined {
  const [first] = receiptsSent(fields)
  const header = first && purchaseHeader(first.value)
  return header && { kind: 'payment', field: 'Cookie', header, claims: {} }
}
