import { randomBytes } from 'node:crypto'
import type { Issued } from './authorize.ts'
import { OFFERS } from './offers.ts'
import type { BillingIssuer } from '../src/billing/index.ts'

/** What the demo sells. The gate asks for a product by the scope `offer:<name>`. */
export interface Product {
  readonly title: string | Readonly<Record<string, string>>
  readonly description: string | Readonly<Record<string, string>>
  readonly price: { readonly amount: string; readonly currency: string; readonly every?: string }
  readonly tax?: Readonly<Record<string, string>>
  /** What it adds to the account. */
  readonly grants?: readonly string[]
  /** Prepaid, kept by the gate. */
  readonly credit?: { readonly amount: string; readonly currency: string }
  /** Opens pages to whoever holds the receipt. */
  readonly receipt?: { readonly seconds: number }
}

export const products: Readonly<Record<string, Product>> = OFFERS

/** What a receipt opens, unless it was bought for one page. */
const RECEIPT_PATH = '/reports/*'

/** A purchase, which is paid at its time. */
export type Order = {
  readonly id: string
  readonly account: string
  readonly product: string
  /** The page that it was bought for; undefined where it opens more. */
  readonly path?: string | undefined
  /** In milliseconds since 1970. */
  readonly paidAt: number
}

/** What somebody is about to buy. */
export type Wish = Pick<Order, 'account' | 'product' | 'path'>

/** How late the demo's slow bank is. */
export const SLOW_BANK_SECONDS = 90

export type ShopOptions = {
  readonly billing: BillingIssuer
  readonly clock: () => number
  /** How long a token is good. */
  readonly lifetimeSeconds: number
  /** Has the gate add credit, once for each id. Returns false if the gate did not take it. */
  readonly grant: (account: string, credit: NonNullable<Product['credit']>, id: string) => Promise<boolean>
}

/** One sign-in of one browser. */
export type SignedIn = { readonly account: string; readonly sid: string }

/** Who is signed in, and what is bought: what the gate's tokens are made of. */
export type Grant = Partial<SignedIn> & { readonly account: string; readonly order?: Order | undefined }

/** The customers of the demo, and what each has bought. Forgotten when it ends. */
export class Shop {
  readonly #options: ShopOptions
  /** By the value of the browser's cookie. */
  readonly #signIns = new Map<string, SignedIn>()
  /** The ids of orders whose goods the gate has. */
  readonly #delivered = new Set<string>()
  #orders: readonly Order[] = [{ id: 'order-of-reader', account: 'reader', product: 'premium', paidAt: 0 }]

  constructor(options: ShopOptions) {
    this.#options = options
  }

  /** Signs a browser in. Returns the value of its new cookie. */
  signIn(account: string): { readonly cookie: string; readonly signedIn: SignedIn } {
    const [cookie, sid] = [randomBytes(32).toString('base64url'), randomBytes(16).toString('base64url')]
    const signedIn = { account, sid }
    this.#signIns.set(cookie, signedIn)
    return { cookie, signedIn }
  }

  signedIn(cookie: string | undefined): SignedIn | undefined {
    return cookie === undefined ? undefined : this.#signIns.get(cookie)
  }

  signOut(cookie: string | undefined): void {
    if (cookie !== undefined) this.#signIns.delete(cookie)
  }

  /** Returns the order that buying would only repeat: of a plan that the account has, or of what the gate does not have yet. */
  standingOrder({ account, product, path }: Wish): Order | undefined {
    const isKept = isPlan(products[product])
    const isSame = (order: Order): boolean =>
      order.account === account && order.product === product && order.path === path
    return this.#orders.find((order) => isSame(order) && (isKept || !this.#delivered.has(order.id)))
  }

  /** Buys, unless that would only repeat an order. */
  buy(wish: Wish, isSlow: boolean): Order {
    const standing = this.standingOrder(wish)
    if (standing !== undefined) return standing
    const paidAt = this.#options.clock() + (isSlow ? SLOW_BANK_SECONDS * 1000 : 0)
    const order = { id: `order-${randomBytes(6).toString('hex')}`, ...wish, paidAt }
    this.#orders = [...this.#orders, order]
    return order
  }

  /** Returns the account's orders, and whether each is paid. */
  orders(account: string): readonly (Order & { readonly isPaid: boolean })[] {
    const own = this.#orders.filter((order) => order.account === account)
    return own.map((order) => ({ ...order, isPaid: this.#isPaid(order) }))
  }

  #isPaid({ paidAt }: Order): boolean {
    return paidAt <= this.#options.clock()
  }

  /** Returns undefined while the payment is on its way. */
  async issue({ account, order, sid }: Grant): Promise<Issued | undefined> {
    const { billing, lifetimeSeconds, grant } = this.#options
    if (order !== undefined && !this.#isPaid(order)) return undefined
    const { credit, receipt, price } = products[order?.product ?? ''] ?? {}
    if (credit !== undefined && order !== undefined && !(await grant(account, credit, order.id))) return undefined
    if (order !== undefined) this.#delivered.add(order.id)
    // Signed again it is the same receipt, by its id.
    const access_token =
      receipt === undefined || order === undefined || price === undefined
        ? await billing.signEntitlement({ account, ...this.#plan(account), lifetimeSeconds })
        : await billing.signReceipt({
            account,
            amount: price.amount,
            currency: price.currency,
            resource: order.path ?? RECEIPT_PATH,
            passSeconds: receipt.seconds,
            id: order.id,
            // As long as it opens something: what was bought for thirty days outlives every sign-in.
            lifetimeSeconds: Math.max(lifetimeSeconds, receipt.seconds),
          })
    return { access_token, expires_in: lifetimeSeconds, ...(sid !== undefined && { sid }) }
  }

  #plan(account: string): { plan: string; entitlements: readonly string[] } {
    const paid = this.orders(account).filter(({ isPaid }) => isPaid)
    const plans = paid.flatMap(({ product }) => products[product] ?? []).filter(isPlan)
    return {
      plan: titleOf(plans.at(-1), 'en') ?? 'none',
      entitlements: [...new Set(plans.flatMap(({ grants = [] }) => grants))],
    }
  }
}

function isPlan(product: Product | undefined): boolean {
  return product?.grants !== undefined
}

/** Returns what a product is called. */
export function titleOf(product: Product | undefined, language: string): string | undefined {
  return product === undefined ? undefined : textIn(product.title, language)
}

export function textIn(text: string | Readonly<Record<string, string>>, language: string): string {
  return typeof text === 'string' ? text : (text[language] ?? text['en'] ?? '')
}
