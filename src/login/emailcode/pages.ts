/** The pages that sign in by a code. They never say if an address is known. */
import { html as markup } from 'hono/html'
import type { Markup } from '../../pages/page.ts'
import { phrase } from '../../pages/words.ts'
import { mainLink, otherLinks, pathTo, type WriteTripPage } from '../page.ts'
import type { TripWords } from '../words/en.ts'

/** The path of the pages, below `/__faregate/`. */
export const PAGE = 'sign-in-code'

/** What was wrong before, by the key of its words. */
type CodeFault = keyof Pick<TripWords[typeof PAGE], 'noEmail' | 'wrong' | 'old' | 'often'>

/** Asks for the address. `fault`: what was wrong before. */
export function emailPage(to: string, fault?: CodeFault): WriteTripPage {
  return ({ words }) => {
    const { heading, text, email, send } = words[PAGE]
    const body = markup`${faultOf(fault, words)}<p>${text}</p>
<form method="post" action="/__faregate/${PAGE}">
<input type="hidden" name="to" value="${to}">
<p><label>${email}<br><input type="email" name="email" autocomplete="email" maxlength="254" required autofocus></label></p>
<button class="main">${send}</button>
</form>
<p><a href="${to}">${words.trips.back}</a></p>`
    return { status: fault === undefined ? 200 : 400, title: heading, body, hasForm: true }
  }
}

/** Asks for the code. */
export function codePage(to: string, address: string, fault?: CodeFault): WriteTripPage {
  return ({ words }) => {
    const { codeHeading, codeText, code, button, another } = words[PAGE]
    const body = markup`${faultOf(fault, words)}<p>${phrase(codeText, { email: markup`<strong>${address}</strong>` })}</p>
<form method="post" action="/__faregate/${PAGE}">
<input type="hidden" name="to" value="${to}">
<p><label>${code}<br><input type="text" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" maxlength="40" required autofocus></label></p>
<button class="main">${button}</button>
</form>
${otherLinks([
  [pathTo(PAGE, to, { again: '1' }), another],
  [to, words.trips.back],
])}`
    return { status: fault === undefined ? 200 : 400, title: codeHeading, body, hasForm: true }
  }
}

/** The code was right, and nobody has the address any more. */
export function nobodyPage(to: string): WriteTripPage {
  return ({ words }) => {
    const { nobody, nobodyText, otherAddress } = words[PAGE]
    const body = markup`<p>${nobodyText}</p>
${mainLink(pathTo(PAGE, to, { again: '1' }), otherAddress)}
${otherLinks([[to, words.trips.back]])}`
    return { status: 404, title: nobody, body }
  }
}

function faultOf(fault: CodeFault | undefined, words: TripWords): Markup | '' {
  return fault === undefined ? '' : markup`<p role="alert"><strong>${words[PAGE][fault]}</strong></p>\n`
}
