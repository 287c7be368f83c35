import type { Limit } from '../access/limit.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isText, readAccount, readMembers } from '../endpoints/operator.ts'
import { isEndpointTarget, readTarget, type Target } from '../http/rules/target.ts'
import { readLimits } from '../tokens/limits.ts'
import type { Zone } from '../zone.ts'

/** An operator's question: what a reference says, how an account stands, and what a request of it would get. */
export interface LookupQuestion {
  readonly reference: string | undefined
  readonly subject: AskedAccount | undefined
  /** The hash of an account that the dashboard lists. */
  readonly hash: string | undefined
  /** True to ask who did what to the site. */
  readonly isOfSite: boolean
  /** The request to explain. */
  readonly request: { readonly target: Target; readonly method: string } | undefined
}

/** An account, with what its token is taken to state: the gate keeps no tokens. */
export interface AskedAccount {
  readonly issuer: string
  readonly account: string
  readonly entitlements: readonly string[] | undefined
  readonly plan: string | undefined
  readonly limits: readonly Limit[] | undefined
  /** The id of an API key of the account: what it may open is taken from its record. */
  readonly key: string | undefined
  /** When the token is taken to be signed, in seconds since 1970. */
  readonly issuedAt: number | undefined
}

/** Returns an account of which the question says nothing but its name. */
export function statingNothing(named: Pick<AskedAccount, 'issuer' | 'account'>): AskedAccount {
  const nothing = { entitlements: undefined, plan: undefined, limits: undefined, key: undefined, issuedAt: undefined }
  return { ...named, ...nothing }
}

const OF_ACCOUNT = ['entitlements', 'iat', 'key', 'limits', 'method', 'plan', 'target']
const MEMBERS = ['account', 'hash', 'issuer', 'reference', 'site', ...OF_ACCOUNT]
const MAX_REFERENCE = 400
const MAX_NAMES = 100
const HASH = /^[\w-]{16}$/
const METHOD = /^[A-Z]{1,20}$/

/** Reads the body of a look-up. Error: the fault. */
export function readLookup(body: unknown, zone: Zone): Result<LookupQuestion, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  const [reference, account, hash, isOfSite = false] = ['reference', 'account', 'hash', 'site'].map((name) =>
    given.get(name),
  )
  if (typeof isOfSite !== 'boolean') return err('site: expected true or false.')
  if (reference === undefined && account === undefined && hash === undefined && !isOfSite)
    return err('account: expected this, a "reference", "site", or several of them.')
  if (reference !== undefined && !(typeof reference === 'string' && reference.length <= MAX_REFERENCE))
    return err('reference: expected the text that a refusal shows.')
  if (hash !== undefined && !(typeof hash === 'string' && HASH.test(hash)))
    return err('hash: expected that of an account, as the dashboard shows it.')
  if (hash !== undefined && account !== undefined) return err('hash: of an account that is named.')
  if (account === undefined) {
    const stray = OF_ACCOUNT.find((name) => given.has(name))
    return stray === undefined
      ? ok({ reference, subject: undefined, hash, isOfSite, request: undefined })
      : err(`${stray}: of no account.`)
  }
  const subject = readSubject(given, zone)
  if (!subject.ok) return subject
  const request = readRequest(given.get('target'), given.get('method'))
  return request.ok ? ok({ reference, subject: subject.value, hash, isOfSite, request: request.value }) : request
}

function readSubject(given: ReadonlyMap<string, unknown>, zone: Zone): Result<AskedAccount, string> {
  const holder = readAccount(given, zone)
  if (!holder.ok) return holder
  const [names, plan, key, iat] = ['entitlements', 'plan', 'key', 'iat'].map((name) => given.get(name))
  const limits = readLimits(given.get('limits'))
  if (names !== undefined && !isNames(names)) return err('entitlements: expected a list of names.')
  if (plan !== undefined && !isText(plan)) return err('plan: expected its name.')
  if (key !== undefined && !isText(key)) return err('key: expected the id of an API key.')
  if (iat !== undefined && !(typeof iat === 'number' && Number.isFinite(iat)))
    return err('iat: expected the time at which the token was signed, in seconds since 1970.')
  if (!limits.ok) return err(`limits: ${limits.error}.`)
  const stated = given.has('limits') ? limits.value : undefined
  return ok({ ...holder.value, entitlements: names, plan, limits: stated, key, issuedAt: iat })
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_NAMES && value.every(isText)
}

function readRequest(target: unknown, given: unknown): Result<LookupQuestion['request'], string> {
  if (target === undefined) return given === undefined ? ok(undefined) : err('method: of no target.')
  const method = given === undefined ? 'GET' : given
  if (typeof method !== 'string' || !METHOD.test(method)) return err('method: expected "GET", for example.')
  if (typeof target !== 'string' || !target.startsWith('/')) return err('target: expected "/articles/1", for example.')
  const mark = target.indexOf('?')
  const read = mark === -1 ? readTarget(target, '') : readTarget(target.slice(0, mark), target.slice(mark))
  if (!read.ok) return err(`target: ${read.error.detail}`)
  return isEndpointTarget(read.value)
    ? err('target: the gate itself answers this.')
    : ok({ target: read.value, method })
}
