import { type Proof, readerOf } from '../../access/proof.ts'
import { namesAny, parameterName, comparableName } from '../../http/rules/query.ts'
import type { ReadField } from './vary.ts'
import { type Exchange, isUpgrade } from '../../http/rules/exchange.ts'
import { type GivenFields, isGiven, nominated } from '../../http/rules/fields.ts'
import type { CachePolicy, QueryPolicy, Route } from '../../access/route.ts'

/** The query that counts, with its `?`: what is not in the key does not reach the origin either. */
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

/** How a request is shared with others that ask for the same. */
export interface CachePartition {
  /** Who shares the copy: empty for all. It holds all that the origin is told of the reader. Undefined for no copy. */
  readonly name: string | undefined
  /** The query as the origin gets it, with its `?`. */
  readonly query: string
}

/** How a request on this route is shared. There is a copy of what is read, by those of whom the route's key is known. */
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

/** What a copy is stored under, before its variants: a zone, a scheme, a path and the query that counts. */
export interface CopyKey {
  readonly zone: string
  readonly scheme: string
  readonly path: string
  readonly query: string
  /** Empty for the copy of all. */
  readonly partition: string
}

/** One text for each key: no part of it can pass for another. */
export function keyText({ zone, scheme, path, query }: Omit<CopyKey, 'partition'>): string {
  return `${zone} ${scheme} ${path}${query}`
}

/**
 * The request fields that may select a variant. What tells of the reader is not among them, whatever `Vary` says, nor is
 * what `Connection` ends, or what the gate writes in its place: the origin of a copy is not shown it.
 */
export function selectingFields(fields: { get(name: string): string | null }, given: GivenFields): ReadField {
  const ended = nominated(fields.get('connection'))
  const isHidden = (name: string): boolean => isPersonal(name) || ended.has(name) || isGiven(name, given)
  return (name) => (isHidden(name) ? null : fields.get(name))
}

function isPersonal(name: string): boolean {
  return name === 'cookie' || name === 'authorization' || name.startsWith('faregate-')
}
