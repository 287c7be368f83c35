/** The pages of Stripe's that a browser sees: checkout, and the customer's portal. */
import { cancelAtPeriodEnd } from './billing.ts'
import { paySession } from './checkout.ts'
import type { SessionObject } from './shapes.ts'
import type { DoubleState } from './state.ts'

/** Answers a request for a page. Undefined if there is none of that path. */
export async function answerPage(state: DoubleState, request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const [, first, second, id = ''] = pathname.split('/')
  const form = request.method === 'POST' ? new URLSearchParams(await request.text()) : undefined
  if (`${first}/${second}` === 'c/pay') return checkoutPage(state, id, form)
  if (`${first}/${second}` === 'p/session') return portalPage(state, id, form)
  return undefined
}

function checkoutPage(state: DoubleState, id: string, form: URLSearchParams | undefined): Response {
  const session = state.sessions.get(id)
  if (session === undefined) return html(404, 'Nothing here', '<p>There is no such checkout session.</p>')
  if (session.status !== 'open') {
    return html(200, 'This page is over', `<p>You are all done here. The session is ${String(session.status)}.</p>`)
  }
  if (form === undefined) return html(200, 'Checkout', checkoutForm(state, session))
  const method = form.get('method')
  if (method === 'declined')
    return html(402, 'Checkout', `<p role="alert">Your card was declined.</p>${checkoutForm(state, session)}`)
  const email = form.get('email') ?? ''
  const paying = { ...(email !== '' && { email }), method: method === 'sepa_debit' ? method : 'card' } as const
  return Response.redirect(paySession(state, id, paying), 303)
}

function checkoutForm(
  state: DoubleState,
  { id, amount_total: amount, currency, cancel_url, customer_details }: SessionObject,
): string {
  const lines = state.plans.get(id)?.lines ?? []
  const named = lines
    .map(({ description, quantity }) => `<li>${escape(description ?? '')} × ${quantity ?? 1}</li>`)
    .join('')
  const cancel = cancel_url === null ? '' : `<p><a id="cancel" href="${escape(cancel_url)}">Back</a></p>`
  return `<ul>${named}</ul><p id="total">${amount ?? 0} ${escape(currency ?? '')} (smallest unit)</p>
<form method="post">
<p><label>Email <input name="email" type="email" value="${escape(customer_details?.email ?? '')}"></label></p>
<p><button id="pay" name="method" value="card">Pay by card</button>
<button id="debit" name="method" value="sepa_debit">Pay by bank debit</button>
<button id="declined" name="method" value="declined">Pay by a card that declines</button></p>
</form>${cancel}`
}

function portalPage(state: DoubleState, id: string, form: URLSearchParams | undefined): Response {
  const portal = state.portals.get(id)
  if (portal === undefined) return html(404, 'Nothing here', '<p>There is no such portal session.</p>')
  const own = [...state.subscriptions.values()].filter(({ customer }) => customer === portal.customer)
  const named = own.find((each) => each.id === form?.get('subscription') && each.status !== 'canceled')
  if (named !== undefined) cancelAtPeriodEnd(state, named.id, form?.get('act') === 'cancel')
  const items = own.map(({ id, status, cancel_at_period_end: ends }) => {
    const [act, words] = ends ? ['renew', 'Renew subscription'] : ['cancel', 'Cancel subscription']
    const button = status === 'canceled' ? '' : `<button name="act" value="${act}">${words}</button>`
    return `<li>${id}: ${status}${ends ? ', ends with its period' : ''}
<form method="post"><input type="hidden" name="subscription" value="${id}">${button}</form></li>`
  })
  const back = portal.return_url === null ? '' : `<p><a id="back" href="${escape(portal.return_url)}">Return</a></p>`
  return html(200, 'Your subscriptions', `<ul>${items.join('')}</ul>${back}`)
}

function html(status: number, title: string, body: string): Response {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`
  return new Response(page, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
