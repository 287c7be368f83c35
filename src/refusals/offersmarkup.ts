import { html as markup } from 'hono/html'
import type { Markup } from '../pages/page.ts'
import type { OfferView } from './describe.ts'
import { sayOffer } from './sayoffer.ts'
import type { Speech } from './speech.ts'

/** Writes what is on sale. `isMain`: the first is the page's main action. */
export function offersMarkup(offers: readonly OfferView[], speech: Speech, isMain: boolean): Markup {
  return markup`<ul class="offers">
${offers.map((offer, index) => offerMarkup(offer, speech, isMain && index === 0))}</ul>
`
}

function offerMarkup(offer: OfferView, speech: Speech, isMain: boolean): Markup {
  const { title, description, price, every, terms, action } = sayOffer(offer, speech)
  const { href } = offer
  const button = markup`<a class="${isMain ? 'main' : 'main other'}" href="${href ?? ''}" rel="payment" aria-label="${action}: ${title}">${action}</a>\n`
  return markup`<li${isMain ? markup` class="first"` : ''}><strong>${title}</strong>
<p class="price">${price}${every === '' ? '' : markup` <small>${every}</small>`}</p>
${description === undefined ? '' : markup`<p>${description}</p>\n`}<p class="soft">${terms.join(' ')}</p>
${href === undefined ? '' : button}</li>
`
}
