import type { Context } from 'hono'
import { html } from 'hono/html'
import { page } from './page.ts'
import { type Order, type Product, products, SLOW_BANK_SECONDS, textIn, titleOf } from './shop.ts'
import { SHOP_WORDS, type ShopLanguage } from './shopwords.ts'

const NAME = '[A-Za-z0-9._@\\-]+'

/** The reader's language: what the gate passes on, else what the browser asks for. */
export function languageIn(c: Context): ShopLanguage {
  const wanted = c.req.query('ui_locales') ?? c.req.header('accept-language') ?? ''
  return /^de\b/i.test(wanted.trim()) ? 'de' : 'en'
}

export function signInPage(language: ShopLanguage) {
  const words = SHOP_WORDS[language]
  return page({
    title: words.signIn,
    language,
    body: html`<p>${words.anyName} <code>reader</code> ${words.hasPremium}</p>
      <form method="post">
        <p><label>${words.account} <input name="account" required maxlength="64" pattern="${NAME}" autocomplete="username" autocapitalize="none" autofocus></label></p>
        <p><button>${words.signIn}</button></p>
      </form>
      ${turnBack(language)}`,
  })
}

interface Checkout {
  readonly product: string
  /** The page that is bought. */
  readonly path?: string | undefined
  /** Who is signed in. */
  readonly account: string | undefined
  readonly language: ShopLanguage
  readonly gate: string
}

/** Sells one product, and says what it costs, when it renews and how it ends before anybody pays. */
export function checkoutPage({ product, path, account, language, gate }: Checkout) {
  const words = SHOP_WORDS[language]
  const sold = products[product]
  if (sold === undefined) return textPage('Checkout', 'Nothing of this name is sold here.')
  const who =
    account === undefined
      ? html`<p><label>${words.account} <input name="account" maxlength="64" pattern="${NAME}" autocomplete="username" autocapitalize="none"></label>
          <small>${words.newAccount}</small></p>`
      : html`<p>${words.account} <code>${account}</code></p>`
  return page({
    title: words.checkout,
    language,
    body: html`<section class="order" aria-labelledby="product"><h2 id="product">${titleOf(sold, language)}</h2>
      ${path === undefined ? '' : html`<p class="page">${gate.replace(/^https?:\/\//, '')}${path}</p>`}
      <p class="price">${priceOf(sold, language)}${sold.tax === undefined ? '' : html` <small>${textIn(sold.tax, language)}</small>`}</p>
      <p>${textIn(sold.description, language)}</p>
      <p class="page">${sold.price.every === undefined ? words.paidOnce : words.renews}</p></section>
      <form method="post">
        ${who}
        <p><button name="pay" value="card">${words.byCard}</button>
        <button class="plain" name="pay" value="bank">${words.byBank(SLOW_BANK_SECONDS)}</button></p>
      </form>
      <p><small>${words.nobodyPays}</small></p>
      ${turnBack(language)}`,
  })
}

/** Returns the price in words: `€9.00 a month`. */
function priceOf({ price: { amount, currency, every } }: Product, language: ShopLanguage): string {
  const words = SHOP_WORDS[language]
  const money = new Intl.NumberFormat(words.locale, { style: 'currency', currency }).format(Number(amount))
  return every === undefined ? `${money} ${words.once}` : `${money} ${words.every[every] ?? every}`
}

function turnBack(language: ShopLanguage) {
  return html`<form method="post"><button class="plain" name="answer" value="cancel" formnovalidate>${SHOP_WORDS[language].turnBack}</button></form>`
}

export type AccountFacts = {
  readonly account: string
  readonly orders: readonly (Order & { readonly isPaid: boolean })[]
  readonly token: string
  readonly gate: string
  readonly language: ShopLanguage
}

export function accountPage({ account, orders, token, gate, language }: AccountFacts) {
  const words = SHOP_WORDS[language]
  const bought = orders.map(
    ({ product, isPaid }) =>
      html`<li>${titleOf(products[product], language) ?? product}${isPaid ? '' : `, ${words.notPaid}`}</li>`,
  )
  return page({
    title: words.yourAccount,
    language,
    body: html`<p>${words.account} <code>${account}</code></p>
      <ul>${bought.length === 0 ? html`<li>${words.nothing}</li>` : bought}</ul>
      <p><a href="${gate}/">The Daily Fare</a></p>
      <details><summary>${words.forPrograms}</summary>
      <p>${words.programs}</p>
      <pre tabindex="0">curl -i -H 'Authorization: Bearer ${token}' '${gate}/articles/1'</pre></details>
      <form method="post" action="/sign-out"><button class="plain">${words.signOut}</button></form>`,
  })
}

/** Where one cancels: in the demo nothing is renewed. */
export function portalPage(gate: string, language: ShopLanguage) {
  const words = SHOP_WORDS[language]
  return page({
    title: words.portal,
    language,
    body: html`<p>${words.portalText}</p><p><a href="/account">${words.yourAccount}</a></p><p><a href="${gate}/">The Daily Fare</a></p>`,
  })
}

/** `usage`: what the gate has told. */
export function homePage(usage: unknown) {
  return page({ title: 'Billing', body: html`${usage}<p><a href="/account">Your account</a></p>` })
}

export function textPage(title: string, text: string) {
  return page({ title, body: html`<p>${text}</p><p><a href="/account">Your account</a></p>` })
}
