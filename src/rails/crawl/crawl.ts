/**
 * The rail for crawlers that pay for each page: Web Bot Auth says who they are, pay per crawl what they pay.
 *
 * An agent's account is the URL that publishes its keys. It pays the route's price from its credit, or owes it; nobody else is asked.
 * What it signs is one request: sent again it is the same charge, and it is good for no other page. The price is told to crawlers, and
 * not to people.
 */
import { after, type Eventually } from '../../core/eventually.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { type Money, parseDecimal } from '../../core/money.ts'
import type { Fault } from '../../config/rules/fault.ts'
import type { Offer } from '../../access/offer.ts'
import type { EntitlementPresentation } from '../../access/proof.ts'
import { match } from '../../access/route.ts'
import { type Exchange, methodAsked } from '../../http/rules/exchange.ts'
import { readTarget } from '../../http/rules/target.ts'
import { EXPOSED, isExposed } from '../../tokens/bearer.ts'
import type { Zone } from '../../zone.ts'
import type { Carried, Rail, Unverified } from '../rail.ts'
import { AGENTS, agentAccount, type AgentTerms } from './account.ts'
import { directoriesOf } from './directories.ts'
import { checkCrawl, type CheckedCrawl, type CrawlOptions } from './rules/options.ts'
import { AGENT_KEYS_UNAVAILABLE, crawlerRefusal, DETAILS, paymentFailed } from './refused.ts'
import { type CrawlerError, lacksToCharge, offeredPrice, PRICE_FIELDS, underpaid, writePrice } from './rules/prices.ts'
import { readSignatures } from './rules/signatures.ts'
import { type AgentVerdict, verifyAgent } from './verified.ts'

export type { CrawlerTerms, CrawlOptions } from './rules/options.ts'

const NAME = 'crawl'
/** The fields of a signature. With this rail they are a credential: they move money. */
const SIGNATURE_FIELDS = ['Signature', 'Signature-Input', 'Signature-Agent'] as const

/**
 * Sells pages to crawlers, one by one: an agent that signs its requests with Web Bot Auth and offers the price of a page
 * (`crawler-exact-price`, `crawler-max-price`) pays it from the credit of its account, or later. Its account is the URL that publishes
 * its keys, of the issuer `web-bot-auth`. Needs ledgers. See docs/pay-per-crawl.md.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), crawl({ agents: { 'https://bot.example': { billing: 'credit', maxPerDay: '5.00' } } })],
 * routes: [{ path: '/articles/*', requires: 'premium', price: { amount: '0.01', currency: 'USD' } }],
 * ```
 */
export function crawl(options: CrawlOptions): Rail {
  const checked = checkCrawl(options)
  /** What is known of each request's agent, for its refusal. */
  const verdicts = new WeakMap<Exchange, AgentVerdict>()
  /** The requests that offered enough: what is refused to them after that is a payment that failed. */
  const paying = new WeakSet<Exchange>()
  return {
    name: NAME,
    role: 'entitlement',
    kinds: [],
    bringsIssuer: AGENTS,
    credentialFields: PRICE_FIELDS,
    exposes: ['crawler-price', 'crawler-charged', 'crawler-error'],
    present(carried) {
      const { exchange } = carried
      if (!isOfCrawler(exchange)) return undefined
      const price = priceAt(carried.zone, exchange, carried.offer)
      const offered = offeredPrice(exchange.fields)
      if (price === undefined || (offered === undefined && carried.sent !== undefined)) return undefined
      return after(verdictOn(carried, checked), (verdict) => {
        if (verdict !== undefined) verdicts.set(exchange, verdict)
        const found = judge(verdict, offered, price, exchange)
        if (found === undefined) return undefined
        return after(presentation(found, price, carried, checked), (presented) => {
          if (presented.proof.ok) paying.add(exchange)
          return presented
        })
      })
    },
    challenge({ zone, offer, exchange }) {
      const isAsked = isAskedToPay(exchange, verdicts.get(exchange), checked.ask)
      const price = isAsked ? priceAt(zone, exchange, offer) : undefined
      return { fields: price === undefined ? [] : [['crawler-price', writePrice(price)]] }
    },
    refusedAs: (why, exchange) => (paying.has(exchange) ? paymentFailed(why) : why),
    peek: ({ exchange }) => peek(exchange),
    strip(fields) {
      for (const name of [...SIGNATURE_FIELDS, ...PRICE_FIELDS]) fields.delete(name)
    },
    faults: () => checked.faults,
    zoneFaults: pricedPublicFiles,
  }
}

/** What crawlers read before they can know that a site sells anything: free in pay per crawl. */
const PUBLIC_FILES = ['/robots.txt', '/sitemap.xml', '/security.txt', '/.well-known/security.txt', '/crawlers.json']

function pricedPublicFiles({ routes }: Zone): readonly Fault[] {
  const paid = PUBLIC_FILES.filter((path) => {
    const target = readTarget(path, '')
    const matched = target.ok ? match(routes, target.value, 'GET') : target
    return matched.ok && matched.value.terms.kind === 'paid'
  })
  return paid.map((path) => ({
    path: 'routes',
    message: `expected "${path}" to be free: crawlers read it before they pay`,
  }))
}

/** Returns true if the request has a signature or offers a price: no other is looked at. */
function isOfCrawler({ fields }: Exchange): boolean {
  return fields.get('signature-input') !== null || PRICE_FIELDS.some((name) => fields.get(name) !== null)
}

/**
 * Returns what a page costs a crawler: the route's price. Undefined where nothing is sold for a price alone, and where a meter counts
 * more, so that the price of a page is not known.
 */
function priceAt(zone: Zone, { target, method, fields }: Exchange, offer: Offer | undefined): Money | undefined {
  if (offer?.price === undefined || !offer.onSale) return undefined
  const matched = match(zone.routes, target, methodAsked(method, fields))
  return matched.ok && matched.value.meter === undefined ? offer.price : undefined
}

function verdictOn(
  { exchange, stores, call }: Carried,
  { agents, any, allowsTestKeys }: CheckedCrawl,
): Eventually<AgentVerdict | undefined> {
  const counting = { isNamed: (agent: string) => any || agents.has(agent), allowsTestKeys }
  return verifyAgent(exchange, counting, () => directoriesOf(stores), call)
}

type Verified = Extract<AgentVerdict, { kind: 'verified' }>

/** A refusal of an agent, which may be known. */
interface Refused {
  readonly why: Refusal
  readonly by: Verified | undefined
}

/** Judges what a crawler offers for a page. Undefined: the request is no crawler's that pays. */
function judge(
  verdict: AgentVerdict | undefined,
  offered: ReturnType<typeof offeredPrice>,
  price: Money,
  exchange: Exchange,
): Result<Verified, Refused> | undefined {
  const by = verdict?.kind === 'verified' ? verdict : undefined
  const refuse = (error: CrawlerError, detail: string): Result<never, Refused> =>
    err({ why: crawlerRefusal(error, detail), by })
  if (offered === undefined) return by && refuse('MissingCrawlerPrice', DETAILS.MissingCrawlerPrice)
  if (isExposed(exchange)) return err({ why: EXPOSED, by: undefined })
  if (!offered.ok) return refuse(offered.error, DETAILS[offered.error])
  if (verdict === undefined) return refuse('StrongAuthRequired', DETAILS.StrongAuthRequired)
  if (verdict.kind === 'invalid') return refuse('InvalidSignature', verdict.why)
  if (verdict.kind === 'unverified') {
    if (verdict.because === 'unavailable') return err({ why: AGENT_KEYS_UNAVAILABLE, by })
    return verdict.because === 'unnamed'
      ? refuse('CrawlerForbidden', DETAILS.CrawlerForbidden)
      : refuse('StrongAuthRequired', 'The agent publishes no such key.')
  }
  const lacks = lacksToCharge(verdict.signature, offered.value, exchange.now)
  if (lacks !== undefined) return refuse('InvalidSignature', lacks)
  const under = underpaid(offered.value, price)
  return under === undefined ? ok(verdict) : refuse(under, DETAILS[under])
}

/** The accounts' hash is awaited, if the log has one. */
function presentation(
  found: Result<Verified, Refused>,
  price: Money,
  { zone, stores }: Carried,
  { agents }: CheckedCrawl,
): Eventually<EntitlementPresentation> {
  const verified = found.ok ? found.value : found.error.by
  const hash = verified && stores.hashAccount?.(zone.id, AGENTS, verified.agent)
  return after(hash, (accountHash): EntitlementPresentation => {
    if (!found.ok) {
      const { why } = found.error
      return {
        role: 'entitlement',
        rail: NAME,
        proof: err(accountHash === undefined ? why : { ...why, account: accountHash }),
      }
    }
    const { agent, signature } = found.value
    const proof = ok(agentAccount(agent, signature, termsOf(agents.get(agent), price), accountHash))
    return { role: 'entitlement', rail: NAME, proof, chargedFields: [['crawler-charged', writePrice(price)]] }
  })
}

function termsOf(given: ReturnType<CheckedCrawl['agents']['get']>, { currency }: Money): AgentTerms {
  const units = parseDecimal(given?.maxPerDay)
  return {
    ...(given?.billing === 'postpaid' && { paysLater: true as const }),
    ...(units !== undefined && { spending: { most: { units, currency }, window: 'P1D' as const } }),
  }
}

/** Returns true if the price is told. People are told none: what signs its requests, or is named, is nobody. */
function isAskedToPay({ fields }: Exchange, verdict: AgentVerdict | undefined, ask: CheckedCrawl['ask']): boolean {
  if (verdict?.kind === 'verified') return true
  if (PRICE_FIELDS.some((name) => fields.get(name) !== null)) return true
  if (ask === 'verified') return false
  if (ask === 'all') return !/\btext\/html\b/i.test(fields.get('accept') ?? '')
  const agent = (fields.get('user-agent') ?? '').slice(0, MAX_AGENT_CHARACTERS).toLowerCase()
  return ask.userAgents.some((word) => agent.includes(word.toLowerCase()))
}

/** A longer name is no crawler's. */
const MAX_AGENT_CHARACTERS = 512

function peek(exchange: Exchange): Unverified | undefined {
  const read = readSignatures(exchange.fields)
  if (read === undefined) return undefined
  const [signature] = read.ok ? read.value : []
  if (signature === undefined) return { kind: 'entitlement', field: 'Signature', header: {}, claims: {} }
  const { keyid, algorithm, created, expires, agent } = signature
  return {
    kind: 'entitlement',
    field: 'Signature',
    header: { keyid, ...(algorithm && { alg: algorithm }) },
    claims: { iss: AGENTS, ...(agent && { sub: agent.identity }), iat: created, exp: expires },
  }
}
