import { match } from '../access/route.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readTarget } from '../http/rules/target.ts'
import { takeParameter, type UrlParameter } from '../http/rules/parameter.ts'
import { isText, readMembers } from '../endpoints/operator.ts'
import type { Zone } from '../zone.ts'

/** An order about the feeds of an account. */
export type FeedOrder =
  | { readonly action: 'list' }
  | { readonly action: 'create'; readonly name: string; readonly path: string; readonly route: string }
  /** `overlapSeconds`: the time for which the replaced URL stays good. */
  | { readonly action: 'rotate'; readonly id: string; readonly overlapSeconds: number }
  | { readonly action: 'remove'; readonly id: string }

const MEMBERS: Readonly<Record<FeedOrder['action'], readonly string[]>> = {
  list: [],
  create: ['name', 'path'],
  rotate: ['id', 'overlapSeconds'],
  remove: ['id'],
}
const ACTIONS = Object.keys(MEMBERS).join(', ')
/** The longest time for which a replaced URL stays good. */
const MAX_OVERLAP_SECONDS = 30 * 86_400
const MAX_PATH = 1024

/** Reads an order. `parameters` are those of the zone's feeds. Error: the fault, in words. */
export function readFeedOrder(
  body: unknown,
  zone: Zone,
  parameters: readonly UrlParameter[],
): Result<FeedOrder, string> {
  const action = typeof body === 'object' && body !== null && 'action' in body ? body.action : undefined
  if (!isAction(action)) return err(`action: expected one of ${ACTIONS}.`)
  const read = readMembers(body, ['action', ...MEMBERS[action]])
  if (!read.ok) return read
  const given = read.value
  if (action === 'list') return ok({ action })
  if (action === 'create') return readCreate(given.get('name'), given.get('path'), zone, parameters)
  const id = given.get('id')
  if (!isText(id)) return err('id: expected that of a feed, as the list shows it.')
  if (action === 'remove') return ok({ action, id })
  const overlapSeconds = given.get('overlapSeconds') ?? 0
  const isOverlap = typeof overlapSeconds === 'number' && overlapSeconds >= 0 && overlapSeconds <= MAX_OVERLAP_SECONDS
  return isOverlap
    ? ok({ action, id, overlapSeconds })
    : err(`overlapSeconds: expected a number from 0 to ${MAX_OVERLAP_SECONDS}.`)
}

function isAction(action: unknown): action is FeedOrder['action'] {
  return typeof action === 'string' && Object.hasOwn(MEMBERS, action)
}

function readCreate(
  name: unknown,
  path: unknown,
  zone: Zone,
  parameters: readonly UrlParameter[],
): Result<FeedOrder, string> {
  if (!isText(name) || name.trim() === '') return err('name: expected a word by which its owner knows the feed.')
  const page = typeof path === 'string' && path.length <= MAX_PATH ? feedPage(path, zone, parameters) : undefined
  return page === undefined ? err('path: expected that of a page with feeds.') : ok({ action: 'create', name, ...page })
}

/** Returns the page in its canonical spelling, with its route; undefined if no route with feeds answers it. */
function feedPage(
  path: string,
  zone: Zone,
  parameters: readonly UrlParameter[],
): { readonly path: string; readonly route: string } | undefined {
  const mark = path.indexOf('?')
  const target = mark < 0 ? readTarget(path, '') : readTarget(path.slice(0, mark), path.slice(mark))
  if (!path.startsWith('/') || !target.ok) return undefined
  const matched = match(zone.routes, target.value, 'GET')
  const found = matched.ok ? parameters.find(({ route }) => route === matched.value.path) : undefined
  // With two values the feed's URL would be ambiguous, and open nothing.
  if (found === undefined || takeParameter(target.value.query, found.parameter) !== undefined) return undefined
  return { path: `${target.value.path}${target.value.query}`, route: found.route }
}
