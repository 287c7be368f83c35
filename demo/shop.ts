import { randomBytes } from 'node:crypto'
import type { Issued } from './authorize.ts'
import type { BillingIssuer } from '../src/billing/index.ts'

/** What the demo sells. The gate asks for a product by the scope `offer:<name>`. */
export type Product = {
  readonly title: string
  readonly price: string
  /** What it adds to the account. */
  readonly entitlements?: readonly string[]
  /** Prepaid, kept by the gate. */
  readonly credit?: { readonly amount: string; readonly currency: string }
  /** Opens pages to whoever holds the receipt. */
  readonly receipt?: {
    readonly amount: string
    readonly currency: string
    readonly resource: string
    readonly passSeconds: number
  }
}

const reports = { amount: '0.25', currency: 'USD', resource: '/reports/*', passSeconds: 3600 }

export const products: Readonly<Record<string, Product>> = {
  premium: { title: 'Premium', price: '5 USD a month', entitlements: ['premium'] },
  api: { title: 'API', price: '20 USD a month', entitlements: ['api'] },
  both: { title: 'Premium and API', price: '22 USD a month', entitlements: ['premium', 'api'] },
  credit: { title: 'Prepaid credit', price: '1 USD', credit: { amount: '1', currency: 'USD' } },
  reports: { title: 'Reports for an hour', price: '0.25 USD', receipt: reports },
}

/** A purchase, which is paid at its time. */
export type Order = {
  readonly id: string
  readonly account: string
  readonly product: string
  /** In milliseconds since 1970. */
  readonly paidAt: number
}

/** How late the demo's slow bank is. */
const SLOW_BANK_MS = 90_000

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
  standingOrder(account: string, product: string): Order | undefined {
    const isKept = isPlan(products[product])
    return this.#orders.find(
      (order) => order.account === account && order.product === product && (isKept || !this.#delivered.has(order.id)),
    )
  }

  /** Buys, unless that would only repeat an order. */
  buy(account: string, product: string, isSlow: boolean): Order {
    const standing = this.standingOrder(account, product)
    if (standing !== undefined) return standing
    const paidAt = this.#options.clock() + (isSlow ? SLOW_BANK_MS : 0)
    const order = { id: `order-${randomBytes(6).toString('hex')}`, account, product, paidAt }
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
    const { credit, receipt } = products[order?.product ?? ''] ?? {}
    if (credit !== undefined && order !== undefined && !(await grant(account, credit, order.id))) return undefined
    if (order !== undefined) this.#delivered.add(order.id)
    // Signed again it is the same receipt, by its id.
    const access_token =
      receipt === undefined || order === undefined
        ? await billing.signEntitlement({ account, ...this.#plan(account), lifetimeSeconds })
        : await billing.signReceipt({ account, ...receipt, id: order.id, lifetimeSeconds })
    return { access_token, expires_in: lifetimeSeconds, ...(sid !== undefined && { sid }) }
  }

  #plan(account: string): { plan: string; entitlements: readonly string[] } {
    const paid = this.orders(account).filter(({ isPaid }) => isPaid)
    const plans = paid.flatMap(({ product }) => products[product] ?? []).filter(isPlan)
    return {
      plan: plans.at(-1)?.title ?? 'none',
      entitlements: [...new Set(plans.flatMap(({ entitlements = [] }) => entitlements))],
    }
  }
}

function isPlan(product: Product | undefined): boolean {
  return product?.entitlements !== undefined
}
