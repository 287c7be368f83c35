import { html } from 'hono/html'
import { page } from './page.ts'
import { type Order, type Product, products } from './shop.ts'

const NAME = '[A-Za-z0-9._@\\-]+'

export function signInPage() {
  return page(
    'Sign in',
    html`<p>Any name will do: this demo asks for no password. <code>reader</code> has a Premium subscription.</p>
      <form method="post">
        <p><label>Account <input name="account" required maxlength="64" pattern="${NAME}" autofocus></label></p>
        <p><button>Sign in</button></p>
      </form>
      ${turnBack()}`,
  )
}

/** Sells one product. `account` is who is signed in. */
export function checkoutPage({ title, price }: Product, account: string | undefined) {
  const who =
    account === undefined
      ? html`<p><label>Account <input name="account" maxlength="64" pattern="${NAME}"></label>
          <small>Empty makes a new one.</small></p>`
      : html`<p>Account <code>${account}</code></p>`
  return page(
    'Checkout',
    html`<h2>${title}</h2>
      <p>${price}; in this demo nobody pays.</p>
      <form method="post">
        ${who}
        <p><button name="pay" value="card">Pay by card</button></p>
        <p><button name="pay" value="bank">Pay by slow bank transfer (90 s)</button></p>
      </form>
      ${turnBack()}`,
  )
}

function turnBack() {
  return html`<form method="post"><button name="answer" value="cancel">Turn back</button></form>`
}

export type AccountFacts = {
  readonly account: string
  readonly orders: readonly (Order & { readonly isPaid: boolean })[]
  readonly token: string
  readonly gate: string
}

export function accountPage({ account, orders, token, gate }: AccountFacts) {
  const bought = orders.map(
    ({ product, isPaid }) => html`<li>${products[product]?.title ?? product}${isPaid ? '' : ', not paid yet'}</li>`,
  )
  return page(
    'Your account',
    html`<p>Account <code>${account}</code></p>
      <ul>${bought.length === 0 ? html`<li>Nothing bought yet</li>` : bought}</ul>
      <p>A browser needs no more than to sign in at the gate. A program sends a token with each request:</p>
      <pre tabindex="0">curl -i -H 'Authorization: Bearer ${token}' '${gate}/articles/1'</pre>
      <form method="post" action="/sign-out"><button>Sign out</button></form>`,
  )
}

/** `usage`: what the gate has told. */
export function homePage(usage: unknown) {
  return page('Billing', html`${usage}<p><a href="/account">Your account</a></p>`)
}

export function textPage(title: string, text: string) {
  return page(title, html`<p>${text}</p><p><a href="/account">Your account</a></p>`)
}
