import { html } from 'hono/html'
import { page } from './page.ts'

export type Product = {
  readonly plan: string
  readonly entitlements: readonly string[]
  readonly price: string
  /** Prepaid, beside what the buyer has. */
  readonly credit?: { readonly amount: string; readonly currency: string }
}

export const products: Readonly<Record<string, Product>> = {
  premium: { plan: 'Premium', entitlements: ['premium'], price: '5 a month' },
  api: { plan: 'API', entitlements: ['api'], price: '20 a month' },
  both: { plan: 'Premium and API', entitlements: ['premium', 'api'], price: '22 a month' },
  credit: { plan: 'Prepaid credit', entitlements: [], price: '1 USD', credit: { amount: '1', currency: 'USD' } },
}

export type Issued = {
  readonly token: string
  readonly account: string
  readonly plan: string
  readonly expires: number
}

/** The buyer chooses whether to go straight back or to see the token, which a program needs and a browser does not. */
function submit(back: URL | undefined, label: string) {
  const show = html`<button name="then" value="show">${label} and show the token</button>`
  if (back === undefined) return show
  return html`<input type="hidden" name="return" value="${back.href}">
    <button name="then" value="return">${label} and go back</button> ${show}`
}

export function checkoutPage(back: URL | undefined, usage: unknown) {
  const forms = Object.entries(products).map(
    ([id, { plan, price }]) => html`<h2>${plan}</h2>
      <p>${price}; in this demo nobody pays.</p>
      <form method="post"><input type="hidden" name="product" value="${id}">${submit(back, 'Buy')}</form>`,
  )
  return page(
    'Checkout',
    html`${back === undefined ? '' : html`<p>To read <code>${back.href}</code></p>`}${forms}${usage}`,
  )
}

export function signInPage(back: URL | undefined) {
  const plans = Object.entries(products).filter(([, { credit }]) => credit === undefined)
  const choices = plans.map(([id, { plan }]) => html`<option value="${id}">${plan}</option>`)
  const form = html`<form method="post">
    <p><label>Account <input name="account" required maxlength="64" pattern="[A-Za-z0-9._@\\-]+"></label></p>
    <p><label>Plan <select name="product">${choices}</select></label></p>
    <p>${submit(back, 'Sign in')}</p>
  </form>`
  return page('Sign in', html`<p>Any name will do: this demo keeps no accounts.</p>${form}`)
}

export function issuedPage(issued: Issued, target: string) {
  // A URL may hold an apostrophe, and this line is made to be pasted into a shell.
  const shellSafe = target.replaceAll("'", '%27')
  return page(
    'Your access',
    html`<p>Account <code>${issued.account}</code>, plan ${issued.plan},
        until ${new Date(issued.expires * 1000).toUTCString()}.</p>
      <p>This browser has it as a cookie: <a href="${target}">go and read</a>. A program sends it with each request:</p>
      <pre>curl -i -H 'Authorization: Bearer ${issued.token}' '${shellSafe}'</pre>
      <p><label for="token">The token</label><textarea id="token" rows="6" readonly>${issued.token}</textarea></p>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`,
  )
}

export function noAccessPage(otherName: string) {
  const body = html`<p>This browser has no valid token under this host name.
      <a href="/checkout">Buy access</a>, <a href="/sign-in">sign in</a>, or look
      <a href="${otherName}">under the other name of this machine</a>.</p>`
  return page('Your account', body)
}

export function textPage(title: string, text: string) {
  return page(title, html`<p>${text}</p><p><a href="/checkout">Checkout</a> · <a href="/account">Your account</a></p>`)
}
