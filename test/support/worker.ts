import { env } from 'cloudflare:workers'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { objectsOf } from '../../src/platform/cloudflare/ledgers.ts'
import { queue, signed, type UsageSink } from '../../src/index.ts'
import cards from './cards.ts'
import config from './config.ts'
import paid from './paid.ts'

const { Gate, Origin, Ledger: Silent } = faregate(config)
/** Ledgers that have someone to tell. */
const tells = (...usage: UsageSink[]) =>
  faregate((given) => ({ ...(typeof config === 'function' ? config(given) : config), usage })).Ledger
const Metered = tells(signed({ url: 'https://billing.test/usage', secret: 'USAGE_SECRET' }))
/** Ledgers that have payments settled. */
const Paid = class extends faregate(paid).Ledger {
  protected override readonly ledgers = objectsOf({
    LEDGER: (env as unknown as { readonly PAID: unknown }).PAID,
  })?.ledgers
}
const Cards = faregate(cards).Ledger
const Queued = tells(queue({ queue: 'USAGE_QUEUE' }))
/** `LEDGER` keeps what there would be to tell, so that tests can look at it. */
export { LedgerObject as Ledger } from '../../src/platform/cloudflare/ledger/ledger.ts'
export { Cards, Gate as default, Metered, Origin, Paid, Queued, Silent }
