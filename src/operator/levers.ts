import type { Lever } from '../access/lever.ts'
import type { Refusal } from '../core/problem.ts'
import type { Json } from '../core/json.ts'
import type { Result } from '../core/result.ts'
import type { LeverView } from '../endpoints/leverview.ts'
import { instant } from '../ledger/ledgerview.ts'
import { leverParts } from '../levers/parts.ts'
import type { Zone } from '../zone.ts'
import type { DashboardHouse, PresentOperator } from './house.ts'
import { mayPress } from './holds.ts'
import { sealOrder } from './orders.ts'
import type { LeverForm, ShownLever, ShownLevers } from './rules/shownlevers.ts'

/** The path of the endpoint that carries the orders out. */
export const LEVERS = 'levers'

/** A row takes about 400 bytes of a page that is to stay small. */
const MOST_SHOWN = 20
const MOST_PARTS = 60
const MOST_CHARACTERS = 3000

/** The ends that may be chosen, in hours from now. */
const HOURS: Readonly<Record<Lever['kind'], readonly number[]>> = { open: [1, 4, 24], close: [1, 4, 24, 168] }
const KINDS = ['open', 'close'] as const

/** Returns what the page shows of the levers of a zone, and its forms. Undefined where the configuration has no levers. */
export async function showLevers(
  read: Result<readonly LeverView[], Refusal> | undefined,
  zone: Zone,
  present: PresentOperator,
  house: DashboardHouse,
): Promise<ShownLevers | undefined> {
  if (!house.orders.has(LEVERS)) return undefined
  const all = read?.ok === true ? read.value.toReversed() : undefined
  const shown = all?.slice(0, MOST_SHOWN).map(shownOf)
  const more = Math.max(0, (all?.length ?? 0) - MOST_SHOWN)
  if (!mayPress(LEVERS, present, house)) return { shown, more, undo: '', forms: [] }
  const seal = (body: Record<string, Json>, asks: readonly string[]): Promise<string> =>
    sealOrder({ order: LEVERS, body, asks }, present.session, zone)
  const parts = leverParts(zone)
  const formOf = async (kind: Lever['kind']): Promise<LeverForm> => {
    const names = parts[kind].map(({ of, name }) => `${of} ${name}`)
    const fitting = names.slice(0, MOST_PARTS).filter(upTo(MOST_CHARACTERS))
    const hasMore = fitting.length < names.length
    const asks = ['part', 'hours', ...(hasMore ? ['route'] : [])]
    return { kind, order: await seal({ kind }, asks), parts: fitting, hasMore, hours: HOURS[kind] }
  }
  const kinds = KINDS.filter((kind) => parts[kind].length > 0)
  const [undo, ...forms] = await Promise.all([seal({ undo: true }, ['lever']), ...kinds.map(formOf)])
  return { shown, more, undo, forms }
}

function upTo(most: number): (text: string) => boolean {
  let left = most
  return ({ length }) => (left -= length) >= 0
}

function shownOf({ open, close, since, until }: LeverView): ShownLever {
  const [[of, name] = ['', '']] = Object.entries(open ?? close ?? {})
  return {
    kind: open === undefined ? 'close' : 'open',
    part: `${of} ${name}`,
    since: since.seconds,
    until: until.seconds,
  }
}

/**
 * Returns the order that a form about levers makes, as `POST /__faregate/levers` takes it: that endpoint judges it. Undefined if
 * no form of the page sends this.
 */
export function leverOrderOf(
  { kind, undo, lever, part, route, hours }: Readonly<Record<string, Json>>,
  now: number,
): Readonly<Record<string, Json>> | undefined {
  if (undo === true) {
    const [pulled, subject] = typeof lever === 'string' ? split(lever) : []
    return pulled === undefined || subject === undefined ? undefined : { [pulled]: subjectOf(subject), undo }
  }
  if (kind !== 'open' && kind !== 'close') return undefined
  const ends = HOURS[kind].find((one) => String(one) === hours)
  const named = typeof route === 'string' ? `route ${route}` : part
  if (ends === undefined || typeof named !== 'string') return undefined
  return { [kind]: subjectOf(named), until: instant(Math.floor(now / 1000) + ends * 3600).at }
}

/** `route /articles/*` as `{"route": "/articles/*"}`. */
function subjectOf(part: string): Record<string, Json> {
  const [of, name] = split(part)
  return { [of]: name }
}

/** Splits a text at its first space. */
function split(text: string): readonly [string, string] {
  const at = text.indexOf(' ')
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
}
