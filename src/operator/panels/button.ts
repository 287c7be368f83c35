/** A button of the dashboard: a form that posts a sealed order, without a script. */
import { html as markup } from 'hono/html'
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

/** Writes the button. On a zone's host it asks for a token. */
export function buttonMarkup(
  { zone, place }: Pick<DashboardFacts, 'zone' | 'place'>,
  { order, text, name = text, scope, fields }: ShownButton,
): Markup {
  const token =
    place === undefined
      ? markup`<label>A token with the scope ${scope} <input name="token" type="password" required autocomplete="off"></label>`
      : ''
  return markup`<form method="post" action="${dashboardAddress(zone, place)}" class="press"><input type="hidden" name="do" value="${order}">${fields ?? ''}${token}<button aria-label="${name}">${text}</button></form>`
}
