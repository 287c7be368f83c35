import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { stripe } from 'mppx/client'
import { McpClient } from 'mppx/mcp/client'

export interface ConnectedClient {
  readonly client: Client
  readonly transport: StreamableHTTPClientTransport
}

export interface ConnectOptions {
  readonly token?: string
  readonly fetch?: typeof fetch
  /** Signs in at a 401, as the protocol says. */
  readonly authProvider?: NonNullable<ConstructorParameters<typeof StreamableHTTPClientTransport>[1]>['authProvider']
}

/** Connects a client of the SDK, as it is published. */
export async function connect(
  url: string,
  { token, fetch, authProvider }: ConnectOptions = {},
): Promise<ConnectedClient> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers },
    ...(fetch && { fetch }),
    ...(authProvider && { authProvider }),
  })
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(transport as Parameters<Client['connect']>[0])
  return { client, transport }
}

export const listChanged = ToolListChangedNotificationSchema

/** Ends a sign-in: the person came back with a code. */
export async function finishSigningIn(
  url: string,
  authProvider: NonNullable<ConnectOptions['authProvider']>,
): Promise<void> {
  await new StreamableHTTPClientTransport(new URL(url), { authProvider }).finishAuth('the-code')
}

/** Has a client pay by cards, as mppx does. */
export function payingByCard(client: Client): Client {
  McpClient.wrap(client, {
    methods: [stripe.charge({ createToken: async ({ amount }) => `spt_${amount}`, paymentMethod: 'pm_card_visa' })],
  })
  return client
}

/** A client that signs in: where it was sent, and what it keeps. */
export class SigningIn {
  readonly redirectUrl = 'http://127.0.0.1/callback'
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], client_name: 'test' }
  /** Where the person is sent to sign in. */
  sentTo: URL | undefined
  #tokens: Awaited<ReturnType<NonNullable<ConnectOptions['authProvider']>['tokens']>>
  #verifier = ''

  clientInformation() {
    return { client_id: 'test' }
  }
  tokens() {
    return this.#tokens
  }
  saveTokens(tokens: NonNullable<Awaited<ReturnType<NonNullable<ConnectOptions['authProvider']>['tokens']>>>) {
    this.#tokens = tokens
  }
  redirectToAuthorization(url: URL) {
    this.sentTo = url
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier
  }
  codeVerifier() {
    return this.#verifier
  }
}
