/**
 * Writes an OpenAPI document of what a site sells: each route on sale with its prices, as rails ask for them, and its refusal.
 * Content is not described: the gate does not know it.
 */
import type { Json, JsonMembers } from '../core/json.ts'
import { localText } from '../core/localtext.ts'
import { describeMoney } from '../core/money.ts'
import type { Zone } from '../zone.ts'
import { type DescribedSite, type DiscoveryDocument, servedDocument } from './plugin.ts'
import { type RouteOnSale, routesOnSale } from './rules/onsale.ts'

/** What the document says of the service beside its prices. */
export interface OpenapiOptions {
  /** Default: the name of the site in `pages`, else its host. */
  title?: string
  description?: string
  /** The version of the service. Default `1`. */
  version?: string
  /** What the service is about: `['news', 'data']`. */
  categories?: string[]
  /** True to serve this document although your server has one of its own at the path. Default false. */
  replace?: boolean
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']
const PROBLEM = '#/components/schemas/Problem'

/**
 * Serves `/openapi.json` (OpenAPI 3.1), with the price of each route on sale in `x-payment-info`, and links to it from every refusal
 * (`rel="service-desc"`, RFC 8631). A document that the origin has there is served in its place, unless `replace` says otherwise.
 *
 * @example
 * ```ts zone
 * rails: [bearer()],
 * routes: [{ path: '/reports/*', price: { amount: '0.50', currency: 'EUR' } }],
 * discovery: [openapi({ title: 'Reports', categories: ['finance'] })],
 * ```
 */
export function openapi(options: OpenapiOptions = {}): DiscoveryDocument {
  return servedDocument({
    name: 'openapi',
    path: '/openapi.json',
    replaces: options.replace ?? false,
    rel: 'service-desc',
    write(site) {
      const { title = nameOf(site.zone), version = '1', description, categories } = options
      const paths: Record<string, JsonMembers> = {}
      for (const sale of routesOnSale(site.zone.routes)) {
        const path = templateOf(sale.route.path)
        const operation = operationOf(sale, site)
        const methods = (sale.methods ?? ['GET']).map((method) => method.toLowerCase())
        const known = methods.filter((method) => METHODS.includes(method))
        paths[path] = { ...paths[path], ...Object.fromEntries(known.map((method) => [method, operation])) }
      }
      return {
        openapi: '3.1.0',
        info: { title, version, ...(description !== undefined && { description }) },
        servers: [{ url: site.address }],
        ...(categories && { 'x-service-info': { categories } }),
        paths,
        components: COMPONENTS,
      }
    },
  })
}

function nameOf({ pages: { site, languages } }: Zone): string {
  return localText(site.name, languages[0])
}

function operationOf({ route, offer }: RouteOnSale, { zone, rails }: DescribedSite): JsonMembers {
  const prices = rails.flatMap((rail) => rail.prices?.(offer, zone) ?? [])
  const offers = prices.map(({ method, amount, currency, pack }) => ({
    intent: 'charge',
    method,
    amount,
    currency,
    ...(pack && { 'x-pack': { ...pack } }),
  }))
  const parameters = parametersOf(templateOf(route.path))
  return {
    ...(offer.title !== undefined && { summary: offer.title }),
    ...(offer.description !== undefined && { description: offer.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(offer.entitlements.length > 0 && { security: [{ token: [] }] }),
    ...(offer.price && { 'x-price': { ...describeMoney(offer.price) } }),
    ...(offers.length > 0 && { 'x-payment-info': { offers } }),
    responses: {
      '200': { description: 'What was paid for.' },
      '402': {
        description: 'Payment required: the fields and the document say how to pay.',
        content: { 'application/problem+json': { schema: { $ref: PROBLEM } } },
      },
    },
  }
}

/** Returns the path with a name for each `*`: no two of one path may be the same. */
function templateOf(path: string): string {
  let segments = 0
  return path.replace(/\*$/, '{path}').replaceAll('*', () => `{segment${++segments}}`)
}

function parametersOf(template: string): Json[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

const COMPONENTS: JsonMembers = {
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  schemas: {
    Problem: {
      description: 'A refusal (RFC 9457).',
      type: 'object',
      required: ['type', 'title', 'status', 'detail', 'instance', 'reason'],
      properties: {
        type: { type: 'string', format: 'uri' },
        title: { type: 'string' },
        status: { type: 'integer' },
        detail: { type: 'string' },
        instance: { type: 'string' },
        reason: { type: 'string' },
      },
    },
  },
}
