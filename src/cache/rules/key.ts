/**
 * The key of a stored response, and with it the answer to a paywall's main question of caching: which readers may share a
 * copy.
 *
 * A key holds zone, scheme, canonical path, counted query and partition, but never a credential: the decision to serve comes
 * before the cache is asked. The key and the request to the origin are made from the same parts. Query parameters outside
 * the key are removed from the request. Fields that describe the reader reach the origin only if there is no copy, or if the
 * partition names the reader. So no response depends on something outside its key.
 */
import { type Proof, readerOf } from '../../access/proof.ts'
import { namesAny, parameterName, comparableName } from '../../http/rules/query.ts'
import type { ReadField } from './vary.ts'
import { type Exchange, isUpgrade } from '../../http/rules/exchange.ts'
import { type GivenFields, isGiven, nominated } from '../../http/rules/fields.ts'
import type { CachePolicy, QueryPolicy, Route } from '../../access/route.ts'

/** Returns the query that counts, with its `?`. Parameters outside the key do not reach the origin either. */
export function countedQuery(query: string, policy: QueryPolicy | undefined): string {
  if (policy === undefined || query === '') return query
  const names = policy.names.map(comparableName)
  const kept = query
    .slice(1)
    .split('&')
    .filter((part) => isNamed(part, names) === (policy.kind === 'only') || namesAny(part, policy.kept))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function isNamed(parameter: string, names: readonly string[]): boolean {
  const name = parameterName(parameter)
  return names.some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted))
}

/** How the response to a request is shared with other requests. */
export interface CachePartition {
  /**
   * Names the readers who share the copy: empty for everyone, undefined for no copy. Holds everything the origin is told of
   * the reader.
   */
  readonly name: string | undefined
  /** The query that the origin receives, with its `?`. */
  readonly query: string
}

/**
 * Returns the partition of a request on a route. Only reads have a copy, and only if the reader is known as far as the
 * route's partition requires.
 */
export function cachePartitionOf(exchange: Exchange, { cache }: Route, proof: Proof | undefined): CachePartition {
  const { method, target, fields } = exchange
  const isRead = (method === 'GET' || method === 'HEAD') && !isUpgrade(fields)
  const partition = isRead ? partitionOf(cache, proof) : undefined
  return { name: partition, query: partition === undefined ? target.query : countedQuery(target.query, cache.query) }
}

function partitionOf({ partition }: CachePolicy, proof: Proof | undefined): string | undefined {
  const reader = readerOf(proof)
  switch (partition) {
    case 'off':
      return undefined
    case 'shared':
      return ''
    case 'account':
      return reader === undefined
        ? undefined
        : JSON.stringify(['account', reader.issuer, reader.account, reader.plan ?? null, ...reader.entitlements])
    case 'plan':
      return reader?.plan === undefined ? undefined : JSON.stringify(['plan', reader.issuer, reader.plan])
  }
}

/** The parts that a copy is stored under, before its variants. */
export interface CopyKey {
  readonly zone: string
  readonly scheme: string
  readonly path: string
  readonly query: string
  /** Empty for the copy for everyone. */
  readonly partition: string
}

/** Joins a key into one text. Unambiguous: no part can contain the separator before it. */
export function keyText({ zone, scheme, path, query }: Omit<CopyKey, 'partition'>): string {
  return `${zone} ${scheme} ${path}${query}`
}

/**
 * Reads the request fields that may select a variant. Hides fields that describe the reader, whatever `Vary` says, fields
 * that `Connection` ends, and fields that the gate replaces: the origin of a copy is not shown any of them.
 */
export function selectingFields(fields: { get(name: string): string | null }, given: GivenFields): ReadField {
  const ended = nominated(fields.get('connection'))
  const isHidden = (name: string): boolean => isPersonal(name) || ended.has(name) || isGiven(name, given)
  return (name) => (isHidden(name) ? null : fields.get(name))
}

function isPersonal(name: string): boolean {
  return name === 'cookie' || name === 'authorization' || name.startsWith('faregate-')
}
