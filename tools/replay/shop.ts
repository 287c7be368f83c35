/** A shop elsewhere, as the gate of a replay knows it: what became of a trip is in the address that it sends back to. */
import { err, ok } from '../../src/core/result.ts'
import type { LoginPlugin } from '../../src/endpoints/loginplugin.ts'
import { loginEndpoints } from '../../src/login/endpoints.ts'
import type { Login } from '../../src/rails/login.ts'

const URL_OF_SHOP = 'https://shop.test'

/** Sells what it is asked for. It signs nobody in. */
export function shop(): LoginPlugin {
  return {
    name: 'shop',
    issuer: URL_OF_SHOP,
    bringsIssuer: true,
    endpoints: loginEndpoints(),
    rails: [],
    faults: () => [],
    create: () => SHOP,
  }
}

const SHOP: Login = {
  name: 'shop',
  issuer: URL_OF_SHOP,
  offers: ['monthly', 'yearly', 'archive'].map((name) => ({ name, title: name })),
  signsIn: false,
  isSilent: false,
  begin: async ({ state }) => ok({ location: `${URL_OF_SHOP}/buy?state=${state}`, kept: null }),
  async finish({ parameters }) {
    const end = parameters.get('end')
    if (end === 'bought') return ok({ kind: 'bought', receipts: [] })
    if (end === 'cancelled') return ok({ kind: 'cancelled' })
    return err({ kind: 'refused', detail: 'The shop knows of no such purchase.' })
  },
  renew: async () => ({ kind: 'ended' }),
}
