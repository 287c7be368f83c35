/** The words of the pages that sign in by a code. They never say if an address is known. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../refusals/page.ts'
import { mainLink, otherLinks, pathTo, type TripPage } from '../page.ts'

/** The path of the pages, below `/__faregate/`. */
export const PAGE = 'sign-in-code'

/** Asks for the address. `fault`: what was wrong before. */
export function emailPage(to: string, fault?: string): TripPage {
  const title = 'Sign in'
  const body = markup`<h1>${title}</h1>
${faultOf(fault)}<p>We send a code to the address with which you bought.</p>
<form method="post" action="/__faregate/${PAGE}">
<input type="hidden" name="to" value="${to}">
<p><label>Email<br><input type="email" name="email" autocomplete="email" maxlength="254" required autofocus></label></p>
<button>Send a code</button>
</form>
<p><a href="${to}">Go back to the page</a></p>`
  return { status: fault === undefined ? 200 : 400, title, body, hasForm: true }
}

/** Asks for the code. */
export function codePage(to: string, email: string, fault?: string): TripPage {
  const title = 'Type the code from your email'
  const body = markup`<h1>${title}</h1>
${faultOf(fault)}<p>If something was bought with <strong>${email}</strong>, a code of eight characters is on its way there. It is good for ten minutes, in this browser alone. Tell it to nobody.</p>
<form method="post" action="/__faregate/${PAGE}">
<input type="hidden" name="to" value="${to}">
<p><label>Code<br><input type="text" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="40" required autofocus></label></p>
<button>Sign in</button>
</form>
${otherLinks([
  [pathTo(PAGE, to, { again: '1' }), 'Send another code, or use another address'],
  [to, 'Go back to the page'],
])}`
  return { status: fault === undefined ? 200 : 400, title, body, hasForm: true }
}

/** The code was right, and nobody has the address any more. */
export function nobodyPage(to: string): TripPage {
  const title = 'Nothing was bought with this address'
  const body = markup`<h1>${title}</h1>
<p>You may have bought with another one.</p>
${mainLink(pathTo(PAGE, to, { again: '1' }), 'Use another address')}
${otherLinks([[to, 'Go back to the page']])}`
  return { status: 404, title, body }
}

function faultOf(fault: string | undefined): Markup | '' {
  return fault === undefined ? '' : markup`<p role="alert"><strong>${fault}</strong></p>\n`
}
