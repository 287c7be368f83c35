/**
 * Clients that pay, as they are published. Each asks for a URL, pays what the 402 asks of it, and gives the answer. Whatever
 * is left out of `options` is what their documentation shows.
 */
import { wrapAxiosWithPayment, x402Client as AxiosX402Client } from '@x402/axios'
import { ExactEvmScheme } from '@x402/evm'
import { type SelectPaymentRequirements, wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { type AxiosResponse, create, isAxiosError } from 'axios'
import { evm, Mppx, stripe } from 'mppx/client'
import { createWalletClient, http, type PrivateKeyAccount } from 'viem'
import { baseSepolia } from 'viem/chains'
import { wrapFetchWithPayment as wrapFetchWithPaymentV1 } from 'x402-fetch'
import { PAYER } from '../stack/chain.ts'
import { NETWORK } from '../stack/names.ts'

export interface ClientOptions {
  readonly wallet?: PrivateKeyAccount
  readonly init?: RequestInit
  /** What the client sends its requests with. */
  readonly fetch?: typeof fetch
  /** The shared payment token that Stripe would give for these cents. */
  readonly token?: (amount: string) => string
  /** Picks one of `accepts`. Default: as the client does by itself. */
  readonly pick?: SelectPaymentRequirements
}

export type Client = (url: string, options?: ClientOptions) => Promise<Response>

/** @x402/fetch: x402, version 2. */
export const x402Fetch: Client = (url, { wallet = PAYER, init, fetch: send = fetch, pick } = {}) =>
  wrapFetchWithPayment(send, new x402Client(pick).register(NETWORK, new ExactEvmScheme(wallet)))(url, init)

/** @x402/axios: x402, version 2. */
export const x402Axios: Client = async (url, { wallet = PAYER, init, fetch: send = fetch } = {}) => {
  const instance = create({ adapter: 'fetch', env: { fetch: send } })
  const { method = 'GET', headers, body: data } = init ?? {}
  try {
    const fields = Object.fromEntries(new Headers(headers))
    const paying = wrapAxiosWithPayment(instance, new AxiosX402Client().register(NETWORK, new ExactEvmScheme(wallet)))
    return asResponse(await paying.request({ url, method, headers: fields, ...(data === undefined ? {} : { data }) }))
  } catch (error) {
    if (isAxiosError(error) && error.response !== undefined) return asResponse(error.response)
    throw error
  }
}

/** x402-fetch 1.2.0: x402, version 1, which most of the installed clients speak. */
export const x402FetchV1: Client = (url, { wallet = PAYER, init, fetch: send = fetch } = {}) => {
  const signer = createWalletClient({ account: wallet, chain: baseSepolia, transport: http('http://127.0.0.1:1') })
  return wrapFetchWithPaymentV1(send, signer as never, 1_000_000n)(url, init)
}

/** mppx with a card: MPP's `stripe` method. */
export const mppxStripe: Client = (
  url,
  { init, fetch: send = fetch, token = (amount: string) => `spt_${amount}` } = {},
) => {
  const createToken = async ({ amount }: { amount: string }) => token(amount)
  const methods = [stripe.charge({ createToken, paymentMethod: 'pm_card_visa' })] as const
  return Mppx.create({ polyfill: false, fetch: send, methods }).fetch(url, init)
}

/** mppx with a wallet: MPP's `evm` method. */
export const mppxEvm: Client = (url, { wallet = PAYER, init, fetch: send = fetch } = {}) => {
  const methods = [evm.charge({ account: wallet, currencies: [evm.assets.baseSepolia.USDC] })] as const
  return Mppx.create({ polyfill: false, fetch: send, methods }).fetch(url, init)
}

export const CLIENTS = { x402Fetch, x402Axios, x402FetchV1, mppxStripe, mppxEvm } as const

function asResponse({ status, headers, data }: AxiosResponse<unknown>): Response {
  const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Response(typeof data === 'string' ? data : JSON.stringify(data), { status, headers: fields })
}
