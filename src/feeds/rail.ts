/**
 * The rail for feeds: podcast apps, feed readers and download tools, which can send a URL and nothing else.
 *
 * A URL is copied, logged and shared, so it must not hold what signs an account in. It holds a feed token instead: good for
 * one route and for reading alone, shown once, replaced whenever its owner likes, and worth what the owner's subscription is
 * worth at that moment. It counts quotas, and pays no price.
 */
import { after, type Eventually } from '../core/eventually.ts'
import type { Entitlement } from '../access/entitlement.ts'
import type { EntitlementPresentation } from '../access/proof.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { accountKey, tokenKey } from '../standing/rules/bulletin.ts'
import type { KnownBulletin } from '../standing/rules/delta.ts'
import { isSpokenFor } from '../standing/rules/speaker.ts'
import { joinKnown, STANDING_UNKNOWN } from '../standing/rules/asitstands.ts'
import {
  createIssuedReader,
  type IssuedName,
  MOST_AGE_SECONDS,
  type IssuedRecord,
  type ReadIssued,
} from '../standing/issued.ts'
import type { Carried, Rail, SentCredential, Unverified } from '../rails/rail.ts'
import { readCompact } from '../tokens/jws.ts'
import type { Zone } from '../zone.ts'
import { feedFaults } from './faults.ts'
import { IN_URL, urlPlace } from './place.ts'
import { feedEntitlement } from './rules/snapshot.ts'
import { createFeedTokens, type FeedTokens, type KnownFeed } from './known.ts'
import { IN_TEXT, isFeedToken } from './token.ts'

/** The routes with feeds. */
export interface FeedsOptions {
  /** The paths of routes of the zone: `['/feeds/*']`. A feed token opens the one that it was made for. */
  routes: string[]
  /** The parameter of the URL that holds the token. Default `token`. */
  parameter?: string
}

/** The name of the rail. */
export const FEEDS = 'feeds'

/**
 * Takes feed tokens from URLs: `https://www.example.com/feeds/daily.xml?token=…`. Each opens GET and HEAD of one route, with
 * what its owner's subscription includes now. Owners make, replace and remove them with the endpoint `manageFeeds()`.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), feeds({ routes: ['/feeds/*'] })],
 * routes: [{ path: '/feeds/*', requires: 'premium' }],
 * ```
 */
export function feeds(options: FeedsOptions): Rail {
  const { parameter = 'token' } = options
  const faults = feedFaults(options)
  const routes = faults.length > 0 ? [] : options.routes
  const parameters = routes.map((route) => ({ parameter, route }))
  const place = urlPlace(parameters)
  const [tokens, read] = [createFeedTokens(), createIssuedReader()]
  return {
    name: FEEDS,
    role: 'entitlement',
    kinds: [],
    needsGateKey: true,
    places: [place],
    parameters,
    shape: IN_TEXT,
    recognise: (token) => (isFeedToken(token) ? 'feed' : undefined),
    longestUseSeconds: MOST_AGE_SECONDS,
    present(carried) {
      const { sent } = carried
      if (sent?.kind !== 'feed' && sent?.field !== IN_URL) return undefined
      return presentFeed(sent, carried, tokens, read)
    },
    challenge: () => ({ fields: [], isStatic: true }),
    peek: ({ sent }) => peek(sent),
    strip: (fields) => place.strip(fields),
    faults: () => faults,
  }
}

function presentFeed(
  { token, field }: SentCredential,
  carried: Carried,
  tokens: FeedTokens,
  read: ReadIssued,
): Eventually<EntitlementPresentation> {
  if (!token.ok) return presentedFeed(token)
  if (field !== IN_URL) return presentedFeed(err(MISPLACED))
  const { zone, exchange, stores, call } = carried
  const known = tokens(token.value, zone)
  if (!known.ok) return presentedFeed(known)
  if (known.value.name.route !== exchange.inUrl?.route) return presentedFeed(err(ELSEWHERE))
  return after(read(known.value.name, zone, stores, call), (record) =>
    record.ok ? after(entitlementOf(record.value, known.value, carried), presentedFeed) : presentedFeed(record),
  )
}

const COUNTS_ALONE = { authority: 'count', paysNoPrice: true } as const

/** A feed reader spends no money: whoever sees its URL could. */
function presentedFeed(proof: EntitlementPresentation['proof']): EntitlementPresentation {
  return { role: 'entitlement', rail: FEEDS, proof, ...(proof.ok && COUNTS_ALONE) }
}

function entitlementOf(
  record: IssuedRecord,
  known: KnownFeed,
  { zone, stores, call }: Carried,
): Eventually<Result<Entitlement, Refusal>> {
  const { name, secret, toleranceSeconds } = known
  if (record.credential !== undefined && record.credential.route !== name.route) return err(ELSEWHERE)
  const { issuer, account } = name
  return after(stores.hashAccount?.(zone.id, issuer, account), (accountHash) =>
    after(stores.bulletins?.of(zone, call), (bulletin) => {
      if (bulletin?.ok !== true) return bulletin ?? err(STANDING_UNKNOWN)
      const said = { isToldOf: zone.toldOf.has(issuer), isSpokenFor: isSpokenFor(issuer, zone.standing) }
      const owner = { issuer, account, accountHash, toleranceSeconds, ...said }
      const found = feedEntitlement(withNews(record, name, bulletin.value), secret, owner, call.now)
      return found.ok ? ok(withStatusOf(found.value, record, zone, call.now)) : found
    }),
  )
}

/** Adds what was said since the record was read: it may have lifted a hold that the record knows. */
function withNews(record: IssuedRecord, { issuer, account, id }: IssuedName, { entries }: KnownBulletin): IssuedRecord {
  if (entries.size === 0) return record
  const { ofAccount, ofToken } = record.statements
  return {
    ...record,
    statements: {
      ofAccount: joinKnown(ofAccount, entries.get(accountKey(issuer, account))),
      ofToken: joinKnown(ofToken, entries.get(tokenKey(issuer, id))),
    },
  }
}

/** Adds the place in a status list for as long as the entitlement itself would have been valid: lists forget later. */
function withStatusOf(feed: Entitlement, { credential }: IssuedRecord, zone: Zone, now: number): Entitlement {
  const { status, validUntil } = credential?.snapshot ?? { validUntil: 0 }
  if (status === undefined || now >= validUntil) return feed
  const issuer = zone.issuers.find((one) => one.issuer === feed.issuer && one.statusLists !== undefined)
  if (issuer?.statusLists === undefined) return feed
  return { ...feed, status: { ...status, issuer, policy: issuer.statusLists } }
}

const MISPLACED = /* @__PURE__ */ refusal(
  'credential-invalid',
  'A feed token opens the URL that it was made for, and is sent in no other place.',
  { check: 'type' },
)
const ELSEWHERE = /* @__PURE__ */ refusal('credential-invalid', 'The feed token was made for another route.', {
  check: 'cover',
})

function peek(sent: SentCredential | undefined): Unverified | undefined {
  if (sent?.kind !== 'feed' || !sent.token.ok) return undefined
  const jws = readCompact(sent.token.value)
  return jws.ok ? { kind: 'feed', field: sent.field, header: jws.value.header, claims: jws.value.payload } : undefined
}
