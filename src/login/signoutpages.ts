/** The pages of signing out. */
import { html as markup } from 'hono/html'
import type { Markup } from '../pages/page.ts'
import { mainLink, type WriteTripPage } from './page.ts'

/** Asks whether to sign out. `hasPurchases`: the browser keeps what was bought without an account. */
export function signOutPage(hasPurchases: boolean): WriteTripPage {
  return ({ words }) => {
    const { heading, button, everywhere, stay, purchases } = words['sign-out']
    const body = markup`${hasPurchases ? markup`<p>${purchases}</p>\n` : ''}${formMarkup(button)}
<form method="post" action="/__faregate/sign-out"><input type="hidden" name="everywhere" value="1"><p><button class="main other">${everywhere}</button></p></form>
<p><a href="/">${stay}</a></p>`
    return { status: 200, title: heading, body, hasForm: true }
  }
}

/** It is not known whether the session was ended. */
export function stillSignedInPage(): WriteTripPage {
  return ({ words }) => {
    const { unknown, unknownText, button } = words['sign-out']
    const body = markup`<p>${unknownText}</p>\n${formMarkup(button)}`
    return { status: 503, title: unknown, body, hasForm: true, fields: { 'retry-after': '5' } }
  }
}

/** The form was posted by another site. */
export function signOutElsewherePage(): WriteTripPage {
  return ({ words }) => {
    const { elsewhere, elsewhereText, button } = words['sign-out']
    const body = markup`<p>${elsewhereText}</p>\n${mainLink('/__faregate/sign-out', button)}`
    return { status: 403, title: elsewhere, body }
  }
}

function formMarkup(button: string): Markup {
  return markup`<form method="post" action="/__faregate/sign-out"><p><button class="main">${button}</button></p></form>`
}
