import { base64url } from 'jose'
import type { Contribution, Rail } from '../../../src/rails/rail.ts'
import { TOY_FIELD, toyPay } from '../../rails/toypay.ts'
import { BANK, WALLETS } from '../../support/paid.ts'

const encoded = (value: unknown): string => base64url.encode(JSON.stringify(value))
const REQUEST = { amount: '250000', currency: 'usd' }

/**
 * Takes toy payments in the fields of x402 and of MPP, and asks for them so: what a client of the Model Context Protocol puts into
 * its message comes here by these fields.
 */
export function walletRail(): Rail {
  const toy = toyPay({ facilitator: BANK, secret: WALLETS })
  return {
    ...toy,
    present(carried) {
      const { exchange } = carried
      const credential = credentialIn(exchange.fields)
      if (credential === undefined) return undefined
      const fields = { get: (name: string) => (name === TOY_FIELD ? credential : exchange.fields.get(name)) }
      return toy.present({ ...carried, exchange: { ...exchange, fields } })
    },
    challenge({ offer }): Contribution {
      if (offer?.price === undefined) return { fields: [] }
      const payment = `Payment id="c1", realm="news", method="toy", intent="charge", request="${encoded(REQUEST)}"`
      const required = { x402Version: 2, accepts: [{ scheme: 'exact', network: 'toy', amount: '250000' }] }
      return {
        fields: [
          ['WWW-Authenticate', payment],
          ['PAYMENT-REQUIRED', btoa(JSON.stringify(required))],
        ],
      }
    },
    settler: {
      create: (platform) => ({
        ...toy.settler?.create(platform),
        settle: async (...asked) => toy.settler?.create(platform).settle(...asked) ?? { kind: 'unknown' },
        receiptFields: ({ kind }) => [
          ['PAYMENT-RESPONSE', btoa(JSON.stringify({ success: kind === 'settled', network: 'toy' }))],
          ['Payment-Receipt', encoded({ status: 'success', method: 'toy', challengeId: 'c1' })],
        ],
      }),
    },
    credentialFields: [],
  }
}

type Read = { readonly payload: { readonly toy: string }; readonly challenge?: { readonly request: string } }

function credentialIn(fields: { get(name: string): string | null }): string | undefined {
  const signature = fields.get('payment-signature')
  if (signature !== null) return (JSON.parse(atob(signature)) as Read).payload.toy
  const authorization = fields.get('payment-authorization') ?? fields.get('authorization') ?? ''
  if (!authorization.startsWith('Payment ')) return undefined
  const read = JSON.parse(new TextDecoder().decode(base64url.decode(authorization.slice(8)))) as Read
  // The request of the challenge is there as HTTP has it.
  return read.challenge?.request === encoded(REQUEST) ? read.payload.toy : ''
}
