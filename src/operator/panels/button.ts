/** The buttons of the dashboard: forms that post a sealed order, without a script. */
import { html as markup, raw } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { dashboardAddress } from '../rules/session.ts'
import type { DashboardFacts } from './facts.ts'

export interface ShownButton {
  /** The sealed order. */
  readonly order: string
  readonly text: string
  /** What assistive technology says; it begins with the text. */
  readonly name?: string
  /** The scope that the order needs, named where the button asks for a token. */
  readonly scope: string
  /** What the person fills in. */
  readonly fields?: Markup
}

type Place = Pick<DashboardFacts, 'zone' | 'place'>

/** Writes the button. On a zone's host it asks for a token. */
export function buttonMarkup({ zone, place }: Place, { order, text, name = text, scope, fields }: ShownButton): Markup {
  return markup`<form method="post" action="${dashboardAddress(zone, place)}" class="press"><input type="hidden" name="do" value="${order}">${fields ?? ''}${tokenMarkup(place, scope)}<button aria-label="${name}">${text}</button></form>`
}

/** An order with a button in each row of a table. */
export interface RowsOrder extends Pick<ShownButton, 'order' | 'scope'> {
  readonly table: Markup
}

/** Writes a table whose rows have buttons of one order: the button that is pressed names its row (`rowButton`). */
export function rowsMarkup({ zone, place }: Place, { order, scope, table }: RowsOrder): Markup {
  // Enter in the field of the token presses the first button of the form, which is to do nothing.
  const none = place === undefined ? raw('<button disabled hidden></button>') : ''
  return markup`<form method="post" action="${dashboardAddress(zone, place)}"><input type="hidden" name="do" value="${order}">${none}${tokenMarkup(place, scope)}${table}</form>`
}

/** The button of one row: `field` and `value` name what it is about. */
export interface RowButton extends Pick<ShownButton, 'text'> {
  readonly name: string
  readonly field: string
  readonly value: string
}

/** Writes the button of a row. */
export function rowButton({ text, name, field, value }: RowButton): Markup {
  return markup`<button name="${field}" value="${value}" aria-label="${name}">${text}</button>`
}

function tokenMarkup(place: DashboardFacts['place'], scope: string): Markup | string {
  if (place !== undefined) return ''
  return markup`<label>A token with the scope ${scope} <input name="token" type="password" required autocomplete="off"></label>`
}
