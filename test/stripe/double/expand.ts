/** Expands ids to the objects that they name, and adds what an answer holds only if it is asked for. */
import { badParam } from './form.ts'
import { type DoubleState } from './state.ts'

interface Node {
  [name: string]: unknown
}

/** Returns the answer with these paths expanded, as `data.customer` or `payment_intent.latest_charge`. */
export function expanded(state: DoubleState, answer: object, paths: readonly string[]): object {
  const copy = structuredClone(answer) as Node
  for (const path of paths) {
    if (path.split('.').length > 4) throw badParam('expand[]', 'You cannot expand more than 4 levels of a property.')
    expandPath(state, copy, path.split('.'), path)
  }
  return copy
}

function expandPath(state: DoubleState, node: Node, [name, ...rest]: readonly string[], path: string): void {
  if (name === undefined || node[name] === null) return
  const value = node[name] ?? includable(state, node, name)
  if (value === undefined) throw badParam('expand[]', `This property cannot be expanded (${path}).`)
  const next = typeof value === 'string' ? structuredClone(objectOf(state, value)) : value
  if (next === undefined) throw badParam('expand[]', `This property cannot be expanded (${path}).`)
  node[name] = next
  for (const each of Array.isArray(next) ? next : [next]) {
    if (typeof each === 'object' && each !== null) expandPath(state, each as Node, rest, path)
  }
}

function includable(state: DoubleState, { object, id }: Node, name: string): object | undefined {
  const data = [...(INCLUDABLE[`${String(object)}.${name}`]?.(state, String(id)) ?? [])]
  if (INCLUDABLE[`${String(object)}.${name}`] === undefined) return undefined
  return { object: 'list', data: structuredClone(data), has_more: false, url: `/v1/${name}` }
}

const INCLUDABLE: Readonly<Record<string, (state: DoubleState, id: string) => Iterable<object>>> = {
  'checkout.session.line_items': (state, id) => state.plans.get(id)?.lines ?? [],
  'invoice.payments': (state, id) => [...state.invoicePayments.values()].filter(({ invoice }) => invoice === id),
  'charge.refunds': (state, id) => [...state.refunds.values()].filter(({ charge }) => charge === id),
  'customer.subscriptions': (state, id) =>
    [...state.subscriptions.values()].filter(({ customer, status }) => customer === id && status !== 'canceled'),
}

function objectOf(state: DoubleState, id: string): object | undefined {
  const all = [
    state.customers,
    state.sessions,
    state.subscriptions,
    state.invoices,
    state.intents,
    state.charges,
    state.refunds,
    state.products,
    state.prices,
  ]
  if (state.deleted.has(id)) return { id, object: 'customer', deleted: true }
  return all.map((objects): object | undefined => objects.get(id)).find((object) => object !== undefined)
}
