import type { Receipt } from '../../../src/access/receipt.ts'
import { compileResource } from '../../../src/access/resource.ts'
import type { Exchange } from '../../../src/http/rules/exchange.ts'
import { capture } from '../../../src/http/capture.ts'
import { BILLING, NEWS, NOW } from '../../tokens/hostile/parties.ts'

/** A receipt of billing's, bought an hour ago, for twenty readings of reports. */
export function receiptOfBilling(over: Partial<Receipt> = {}, resource = '/reports/*'): Receipt {
  const compiled = compileResource(resource)
  if (compiled === undefined) throw new Error(resource)
  return {
    kind: 'receipt',
    issuer: BILLING,
    jti: 'receipt-1',
    payer: undefined,
    amount: { units: 5_000_000_000n, currency: 'USD' },
    resource: compiled,
    methods: ['GET', 'HEAD'],
    grant: { kind: 'uses', uses: 20 },
    issuedAt: NOW - 3600,
    notBefore: NOW - 3600,
    expires: NOW + 86_400,
    toleranceSeconds: 5,
    signedBy: undefined,
    accountHash: undefined,
    ...over,
  }
}

export const PASS = { grant: { kind: 'pass', passSeconds: 86_400 } } as const

/** A browser: it keeps what it is given, and sends all of it. */
export class CookieJar {
  readonly cookies = new Map<string, string>()

  keep(setCookies: readonly string[]): this {
    for (const field of setCookies) {
      const [pair = '', ...attributes] = field.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name)
      else this.cookies.set(name, pair.slice(name.length + 1))
    }
    return this
  }

  get header(): string {
    return Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }

  /** A request of a page of the site, as a browser makes it. */
  exchange(path = '/reports/1', fields: Readonly<Record<string, string>> = {}, now = NOW): Exchange {
    const cookie = this.header
    const headers = { ...(cookie !== '' && { cookie }), ...fields }
    return capture(new Request(`${NEWS}${path}`, { headers }), now * 1000)
  }
}
