import type { Limit } from '../access/limit.ts'
import { parseInstant } from '../core/instant.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { CredentialChange } from '../ledger/rules/credentials.ts'
import { readLimits } from '../tokens/limits.ts'
import { isText, readMembers } from './operator.ts'

/** An order about the API keys of one account. */
export type KeyOrder =
  | { readonly action: 'list' }
  | ({ readonly action: 'create'; readonly name: string } & KeyTerms)
  | { readonly action: 'change'; readonly id: string; readonly change: CredentialChange }
  /** `until`: the end of the replaced secret, in milliseconds since 1970; undefined for a day from now. */
  | { readonly action: 'rotate'; readonly id: string; readonly until: number | undefined }
  | { readonly action: 'disable' | 'enable' | 'remove'; readonly id: string }

/** What a key opens, and until when. A member that is `undefined` is absent. */
export type KeyTerms = Pick<CredentialChange, 'plan' | 'entitlements' | 'limits' | 'accountLimits' | 'expires'>

const TERMS = ['name', 'plan', 'entitlements', 'limits', 'accountLimits', 'expires']
/** The members of each action, beside `action`. */
const MEMBERS: Readonly<Record<KeyOrder['action'], readonly string[]>> = {
  list: [],
  create: TERMS,
  change: ['id', ...TERMS],
  rotate: ['id', 'until'],
  disable: ['id'],
  enable: ['id'],
  remove: ['id'],
}
const ACTIONS = Object.keys(MEMBERS).join(', ')
const MAX_ENTITLEMENTS = 64

/** Reads an order. `others` are members that the caller reads. Error: the fault, in words. */
export function readKeyOrder(body: unknown, others: readonly string[]): Result<KeyOrder, string> {
  const action = typeof body === 'object' && body !== null && 'action' in body ? body.action : undefined
  if (!isAction(action)) return err(`action: expected one of ${ACTIONS}.`)
  const read = readMembers(body, ['action', ...others, ...MEMBERS[action]])
  if (!read.ok) return read
  const given = read.value
  if (action === 'list') return ok({ action })
  if (action === 'create') return readCreate(given)
  const id = given.get('id')
  if (!isText(id)) return err('id: expected that of a key, as the list shows it.')
  if (action === 'change') {
    const change = readTerms(given)
    return change.ok ? ok({ action, id, change: change.value }) : change
  }
  if (action !== 'rotate') return ok({ action, id })
  const until = readTime(given.get('until'), 'until')
  return until.ok ? ok({ action, id, until: until.value }) : until
}

function isAction(action: unknown): action is KeyOrder['action'] {
  return typeof action === 'string' && Object.hasOwn(MEMBERS, action)
}

type Members = ReadonlyMap<string, unknown>

function readCreate(given: Members): Result<KeyOrder, string> {
  const terms = readTerms(given)
  if (!terms.ok) return terms
  const { name, ...others } = terms.value
  return name === undefined
    ? err('name: expected a word by which its owner knows the key.')
    : ok({ action: 'create', name, ...others })
}

/** Reads the terms that are given. `null` removes one that may be absent. */
function readTerms(given: Members): Result<CredentialChange, string> {
  const [name, plan, entitlements] = [given.get('name'), given.get('plan'), given.get('entitlements')]
  if (name !== undefined && !isText(name)) return err('name: expected 1 to 255 characters.')
  if (plan !== undefined && plan !== null && !isText(plan)) return err('plan: expected 1 to 255 characters, or null.')
  if (entitlements !== undefined && !isNames(entitlements))
    return err(`entitlements: expected a list of at most ${MAX_ENTITLEMENTS} names.`)
  const limits = limitsIn(given, 'limits')
  if (!limits.ok) return limits
  const accountLimits = limitsIn(given, 'accountLimits')
  if (!accountLimits.ok) return accountLimits
  const expires = readTime(given.get('expires'), 'expires')
  if (!expires.ok) return expires
  return ok({
    ...(name !== undefined && { name }),
    ...(plan !== undefined && { plan: plan ?? undefined }),
    ...(entitlements !== undefined && { entitlements: [...new Set(entitlements)] }),
    ...(limits.value && { limits: limits.value }),
    ...(accountLimits.value && { accountLimits: accountLimits.value }),
    ...(given.has('expires') && { expires: expires.value }),
  })
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_ENTITLEMENTS && value.every(isText)
}

function limitsIn(given: Members, member: string): Result<readonly Limit[] | undefined, string> {
  if (!given.has(member)) return ok(undefined)
  const limits = readLimits(given.get(member), member)
  return limits.ok ? limits : err(`${member}: ${limits.error}.`)
}

/** Reads a time, in milliseconds since 1970; undefined if there is none, or `null`. */
function readTime(value: unknown, member: string): Result<number | undefined, string> {
  if (value === undefined || value === null) return ok(undefined)
  const seconds = typeof value === 'string' ? parseInstant(value) : undefined
  return seconds === undefined ? err(`${member}: expected an RFC 3339 time, or null.`) : ok(seconds * 1000)
}
