import { describe, expect, it } from 'vitest'
import { openapi } from '../../src/discovery/openapi.ts'
import { x402Listing } from '../../src/discovery/x402listing.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { mcp } from '../../src/protocols/mcp/plugin.ts'
import { x402 } from '../../src/rails/x402/rail.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { TOKEN } from '../support/paid.ts'
import { documentAt } from './published.ts'

// Configurations for which a document published a price that no request gets.

const env = { GATE: 'a secret of the gate for the tests, of 32 bytes' }
const at = (amount: string) => ({ price: { amount, currency: 'USD' } })

interface Documents {
  /** `GET /r 1`: each method of each path, with its price. */
  readonly api: readonly string[]
  /** The same of the listing, in units of the token. A star is every method. */
  readonly listing: readonly string[]
}

interface Openapi {
  readonly paths: Record<string, Record<string, { 'x-price': { amount: string } }>>
}

interface Listing {
  readonly resources: readonly { resource: string; methods?: string[]; accepts: { amount: string }[] }[]
}

async function documentsOf(routes: readonly object[]): Promise<Documents> {
  const rails = [bearer(), x402({ facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] })]
  const zone = { ...ZONE, rails, routes, discovery: [openapi(), x402Listing()] } as never
  const site = siteAt(compiled({ secrets: { gate: 'GATE' }, zones: [zone] }, env), 'a.test')
  const { paths } = await documentAt<Openapi>(site, '/openapi.json')
  const { resources } = await documentAt<Listing>(site, '/.well-known/x402')
  return {
    api: Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, told]) => `${method.toUpperCase()} ${path} ${told['x-price'].amount}`),
    ),
    listing: resources.map(
      ({ resource, methods, accepts }) =>
        `${methods?.join() ?? '*'} ${new URL(resource).pathname} ${accepts[0]?.amount}`,
    ),
  }
}

const GET_1 = { path: '/r', methods: ['GET'], ...at('1') }

describe('a published price', () => {
  it.each<[string, readonly object[], Documents]>([
    [
      'was that of all other methods',
      [GET_1, { path: '/r', ...at('2') }],
      {
        api: ['GET /r 1', 'POST /r 2', 'PUT /r 2', 'PATCH /r 2', 'DELETE /r 2'],
        listing: ['GET /r 1000000', 'POST,PUT,PATCH,DELETE /r 2000000'],
      },
    ],
    [
      'was asked for a method that is free',
      [
        { path: '/r', methods: ['GET'], free: true },
        { path: '/R/', methods: ['POST', 'PUT'], ...at('2') },
        { path: '/r', ...at('3') },
      ],
      {
        api: ['POST /R/ 2', 'PUT /R/ 2', 'PATCH /r 3', 'DELETE /r 3'],
        listing: ['POST,PUT /R/ 2000000', 'PATCH,DELETE /r 3000000'],
      },
    ],
    [
      'was that of a route that no request gets',
      [{ path: '/r', ...at('2') }, GET_1],
      { api: ['GET /r 2'], listing: ['* /r 2000000'] },
    ],
    [
      'was that of another query',
      [
        { path: '/r', query: { full: true }, ...at('9') },
        { path: '/r', free: true },
      ],
      { api: [], listing: [] },
    ],
    [
      'was that of what is no tool',
      [{ path: '/mcp', ...at('1'), protocol: mcp({ tools: { search: at('9') } }) }],
      { api: [], listing: [] },
    ],
  ])('%s', async (_name, routes, expected) => {
    expect(await documentsOf(routes)).toEqual(expected)
  })
})
