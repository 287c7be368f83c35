import type { Reader } from '../login/reader.ts'
import { createShop, type ShopWorld } from './shopworld.ts'

const MAILER = 'https://mailer.example/send'

/** A mail as the operator's webhook was asked for it. */
interface AskedMail {
  readonly email: string
  readonly code: string
  readonly site: string
  readonly expires: string
  readonly signature: string
  readonly text: string
}

/** A shop whose customers sign in by codes in emails. */
export interface Mails {
  readonly shop: ShopWorld
  readonly secret: string
  /** The status that the webhook answers. */
  status: number
  isStripeDown: boolean
  all(): readonly AskedMail[]
  last(): AskedMail
  /** Buys with a new browser. Returns the customer. */
  buy(offer: string, email: string, to?: string): Promise<string>
  /** Returns the customer of a portal's page. */
  portalOf(answer: Response): string | undefined
  /** A reader of a shop that signs nobody in. */
  without(): Reader
}

export function createMails(): Mails {
  const secret = 'the secret of the mailer, 32 bytes or more'
  const asked: AskedMail[] = []
  const between =
    (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
    async (input, init) => {
      const request = new Request(input, init)
      if (request.url !== MAILER) return mails.isStripeDown ? new Response(null, { status: 500 }) : fetch(input, init)
      const text = await request.text()
      const signature = request.headers.get('faregate-signature') ?? ''
      asked.push({ ...(JSON.parse(text) as Omit<AskedMail, 'signature' | 'text'>), signature, text })
      return new Response(null, { status: mails.status })
    }
  const signIn = { email: { webhook: MAILER, secret: 'MAIL_SECRET' } }
  const shop = createShop({ stripe: { signIn }, secrets: { MAIL_SECRET: secret }, between })
  const mails: Mails = {
    shop,
    secret,
    status: 204,
    isStripeDown: false,
    all: () => asked,
    last() {
      const last = asked.at(-1)
      if (last === undefined) throw new Error('no mail')
      return last
    },
    async buy(offer, email, to) {
      const buyer = shop.newReader()
      const location = await shop.buy(offer, to, buyer)
      const session = shop.double.sessionAt(location)
      await shop.comeBack(shop.double.pay(session, { email }), buyer)
      const { customer } = shop.double.state.sessions.get(session) ?? {}
      return String(customer)
    },
    portalOf(answer) {
      const id = answer.headers.get('location')?.split('/').at(-1) ?? ''
      return shop.double.state.portals.get(id)?.customer
    },
    without: () => createShop().reader,
  }
  return mails
}
