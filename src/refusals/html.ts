import { html as markup, raw } from 'hono/html'
import type { ActionForm, Refusal } from '../core/problem.ts'
import { prefersHtml } from '../http/accept.ts'
import type { RefusedView } from './describe.ts'
import type { RefusalFormat } from './format.ts'
import { pageOf, pagePolicy } from './page.ts'

/**
 * Writes a page for clients that prefer HTML to JSON. The same page lets a reader confirm a price to be paid from credit
 * with the cookie. The page that answers a declined prefetch reloads itself once it is shown.
 *
 * @example
 * ```ts zone
 * refusals: [html()]
 * ```
 */
export function html(): RefusalFormat {
  return {
    name: 'html',
    showsForms: true,
    accepts: ({ fields }) => prefersHtml(fields.get('accept')),
    write: (refused, refusal) => ({
      fields: [
        ['Content-Type', 'text/html; charset=utf-8'],
        // Other sites receive no address; the gate's own origin does, or browsers would send `Origin: null` with a form.
        ['Referrer-Policy', 'same-origin'],
        ['X-Content-Type-Options', 'nosniff'],
        [
          'Content-Security-Policy',
          pagePolicy(refusal.form === undefined ? [] : ["'self'"], scriptsOf(refusal.reason)),
        ],
      ],
      body: refusalPage(refused, refusal),
    }),
  }
}

/** Writes the page without outside resources, and escapes every value. Only the page of a declined prefetch has a script. */
function refusalPage(refused: RefusedView, { form, isToReopen }: Pick<Refusal, 'form' | 'isToReopen'>): string {
  const { title, status, reason, detail, offer, remedies, instance, reference } = refused
  return pageOf(
    title,
    markup`<h1>${form === undefined ? title : (offer?.title ?? title)}</h1>
${form === undefined ? markup`<p>${detail}</p>` : formMarkup(form)}
${isToReopen || reason === 'prefetch-declined' ? markup`<p><a href="">Open the page</a></p>` : ''}
${reason === 'prefetch-declined' ? markup`<script>${raw(RELOAD)}</script>` : ''}
${offer === undefined || form !== undefined ? '' : markup`<p class="offer">${describeOffer(offer)}</p>`}
${remedies.length === 0 ? '' : markup`<ul>${remedies.map((remedy, index) => remedyItem(remedy, form === undefined && index === 0))}</ul>`}
<p><small>${String(status)} · ${instance}</small></p>
${reference === undefined ? '' : markup`<p><small>Reference: <code>${reference}</code></small></p>`}`,
  )
}

/** Writes a link. The first is the one to follow, if the page has no form. */
function remedyItem({ href, rel, title }: RefusedView['remedies'][number], isMain: boolean): ReturnType<typeof markup> {
  return markup`<li><a href="${href}" rel="${rel}"${isMain ? markup` class="main"` : ''}>${title}</a></li>`
}

function describeOffer({ title, description, price }: NonNullable<RefusedView['offer']>): string {
  const cost = price === undefined ? undefined : `${price.amount} ${price.currency}`
  return [title, description, cost].filter((part) => part !== undefined).join(' · ')
}

/** Writes a form with the sentence before its button and the note after it. */
function formMarkup({ action, hidden, text, button, note }: ActionForm): ReturnType<typeof markup> {
  return markup`<p>${text.map((part, index) => (index % 2 === 0 ? part : markup`<strong>${part}</strong>`))}</p>
<form method="post" action="${action}">
${Object.entries(hidden).map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<button>${button}</button>
</form>
<p><small>${note}</small></p>`
}

/**
 * Reloads a page that was fetched ahead once it is shown: prerendered (Chromium), hidden, or kept in a cache until then. The
 * script does not act on a reload, so it runs once.
 */
const RELOAD = `(()=>{const again=()=>{if(performance.getEntriesByType('navigation')[0]?.type!=='reload')location.reload()};
if(document.prerendering)document.addEventListener('prerenderingchange',again,{once:true});
else if(document.visibilityState==='visible')again();
else document.addEventListener('visibilitychange',again,{once:true})})()`
/** The SHA-256 of the script for the policy (CSP3 §2.3.1): no other script runs. */
const RELOAD_HASH = 'FZpqrnlM2cmcr+PGnz/0YIH4UgieR4T36dUZGj4g08U='

/** Returns the sources of the scripts of a page. */
function scriptsOf(reason: string): readonly string[] {
  return reason === 'prefetch-declined' ? [`'sha256-${RELOAD_HASH}'`] : []
}
