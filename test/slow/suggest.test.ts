import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/config/config.ts'
import type { Bindings } from '../../src/config/rules/bindings.ts'
import type { Config } from '../../src/config/options.ts'
import { optionsSchema } from '../../src/config/schema.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { signed } from '../../src/usage/webhook.ts'
import { SHAPES } from '../../cli/check/shapes.ts'
import { closest, explained, optionTree, shapeOf } from '../../cli/check/suggest.ts'

const LONG = 'x'.repeat(64)
const NAMES = [
  'SIGNING_KEY',
  'READER_KEY',
  'OPENMETER_TOKEN',
  'ACCOUNT_HASH_KEY',
  'USAGE_SECRET',
  'TOKEN_SECRET',
  'GATE_SECRET',
]
const BINDINGS: Bindings = {
  secrets: new Map(NAMES.map((name) => [name, LONG])),
  servers: new Set(),
  queues: new Map(),
  rates: new Set(),
}
const ENV = Object.fromEntries(BINDINGS.secrets)
const tree = optionTree(optionsSchema(BINDINGS, true))

/** A configuration that says something of almost everything. */
function whole(): Record<string, unknown> {
  const usage = [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })]
  const top = { log: SHAPES['log'], usage }
  const names = ['issuers', 'operators', 'standing', 'remedies', 'quotas', 'rates'] as const
  const route = {
    requires: 'premium',
    price: SHAPES['price'],
    offer: { title: 'One' },
    cache: SHAPES['cache'],
    limits: SHAPES['limits'],
    counts: SHAPES['counts'],
    quotas: SHAPES['quotas'],
    rates: SHAPES['rates'],
    observe: SHAPES['observe'],
    methods: SHAPES['methods'],
  }
  const zone = {
    name: 'www',
    hosts: ['www.example.com'],
    audience: 'https://www.example.com',
    rails: [bearer()],
    ...Object.fromEntries(names.map((name) => [name, SHAPES[name]])),
    origin: { servers: SHAPES['servers'], sign: SHAPES['sign'], health: SHAPES['health'], limits: SHAPES['limits'] },
    routes: [{ path: '/articles/*', ...route }],
    unmatched: 'free',
  }
  return { ...top, zones: [zone] }
}

/** What `check:config` says of a configuration. */
function linesOf(config: unknown): string[] {
  const compiled = compile(config as Config, ENV, { needsOrigin: true })
  return compiled.ok ? [] : compiled.error.map((fault) => `${fault.path}: ${explained(fault, tree, NAMES)}`)
}

const isPlugin = (value: object): boolean => Object.values(value).some((member) => typeof member === 'function')

/** Every way to put something else in the place of one value of a configuration; a factory's work is one value. */
function replaced(value: unknown, instead: unknown): unknown[] {
  if (typeof value !== 'object' || value === null || isPlugin(value)) return [instead]
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    replaced(inner, instead).map((changed) =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed },
    ),
  )
  return [instead, ...inside]
}

describe('what check:config adds to a fault', () => {
  const said = (place: string, key: string, value: unknown): string[] => {
    const config = whole()
    const [zone = {}] = config['zones'] as Record<string, unknown>[]
    const [route = {}] = zone['routes'] as Record<string, unknown>[]
    const into = { '': config, zone, route }[place] ?? {}
    if (into === route) zone['routes'] = [{ ...route, [key]: value }]
    else into[key] = value
    return linesOf(config)
  }

  it('is nothing where there is no fault', () => {
    expect(linesOf(whole())).toEqual([])
  })

  it.each([
    ['route', 'reqires', 'premium', 'zones[0].routes[0].reqires: is not an option here: did you mean "requires"?'],
    ['route', 'priec', {}, 'zones[0].routes[0].priec: is not an option here: did you mean "price"?'],
    ['zone', 'remedys', {}, 'zones[0].remedys: is not an option here: did you mean "remedies"?'],
    ['zone', 'Origin', {}, 'zones[0].Origin: is not an option here: did you mean "origin"?'],
    ['', 'logs', {}, 'logs: is not an option here: did you mean "log"?'],
    ['', 'zone', [], 'zone: is not an option here: did you mean "zones"?'],
    [
      'zone',
      'checkout',
      'https://a.test/',
      'zones[0].checkout: is not an option here: it belongs at zones[].remedies.checkout',
    ],
    ['', 'hosts', [], 'hosts: is not an option here: it belongs at zones[].hosts'],
    ['zone', 'zzzzzzzz', 1, 'zones[0].zzzzzzzz: is not an option here'],
  ])('is the option that was meant: %s %s', (place, key, value, line) => {
    expect(said(place, key, value)).toEqual([line])
  })

  it.each([
    [
      'route',
      'price',
      '0.25',
      "zones[0].routes[0].price: expected an object such as { amount: '0.25', currency: 'USD' }",
    ],
    ['zone', 'hosts', 'www.example.com', "zones[0].hosts: expected a list such as [ 'www.example.com' ]"],
    [
      'zone',
      'routes',
      ['/a'],
      "zones[0].routes[0]: expected an object such as { path: '/articles/*', requires: 'premium' }",
    ],
    ['zone', 'rails', 'bearer', 'zones[0].rails: expected a list such as [bearer()]'],
    [
      'zone',
      'remedies',
      'https://www.example.com/problems',
      "zones[0].remedies: expected an object such as { documentation: 'https://www.example.com/problems' }",
    ],
  ])('is the shape of an option: %s %s', (place, key, value, line) => {
    expect(said(place, key, value)).toEqual([line])
  })

  it('is the name that the environment has', () => {
    expect(said('', 'log', { accountKey: 'ACOUNT_HASH_KEY' })).toEqual([
      'log.accountKey: the environment has no secret of the name "ACOUNT_HASH_KEY": did you mean "ACCOUNT_HASH_KEY"?',
    ])
    expect(said('', 'log', { accountKey: 'SOMETHING_ELSE' })).toEqual([
      'log.accountKey: the environment has no secret of the name "SOMETHING_ELSE"',
    ])
  })

  it('is a sound shape for each object and list whose message shows none', () => {
    const shapeless: string[] = []
    const unsound: string[] = []
    for (const [place, nodes] of tree) {
      const [outermost] = nodes as v.GenericSchema[]
      const [issue] = outermost === undefined ? [] : (v.safeParse(outermost, 7).issues ?? [])
      const isTold = issue === undefined || !/^Invalid .*Expected (?:Object|Array)/.test(issue.message)
      if (place !== '' && !isTold && shapeOf(place) === undefined) shapeless.push(place)
      const last = place.split('.').slice(-2).join('.')
      const value = SHAPES[last] ?? SHAPES[place.split('.').at(-1) ?? '']
      const isWhole = !['zones', 'zones[].rails', 'zones[].refusals', 'usage'].includes(place)
      const isSound = (nodes as v.GenericSchema[]).some((node) => v.is(node, value))
      if (!isTold && value !== undefined && isWhole && !isSound) unsound.push(place)
    }
    expect({ shapeless, unsound }).toEqual({ shapeless: [], unsound: [] })
    expect(tree.size).toBeGreaterThan(150)
  })

  it.each([
    ['limts', ['limits', 'list'], 'limits'],
    ['UESR', ['USER'], 'USER'],
    ['a', ['b', 'ab'], 'b'],
    ['quux', ['offer', 'price'], undefined],
    ['', ['offer'], undefined],
  ])('is the nearest word to %s, if it is near', (given, words, word) => {
    expect(closest(given, words)).toBe(word)
  })
})

const PASTED = [
  'sk_live_51HabcDEFghiJKLmnoPQRstuVWXyz0123456789',
  'whsec_abcdefghijklmnop',
  'rk_test_abcdef',
  'c2VjcmV0LXNlY3JldC1zZWNyZXQ=',
  'kJ8vQz2mXw9LpR4tYb7NcD1fGh6Ks3Va',
  'AKIAIOSFODNN7EXAMPLE',
  '6f1ed002ab5595859014ebf0951522d9',
  'correcthorsebatterystapleandmore',
  '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}',
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----',
  'fg_live_abcdefghijkl',
]

describe('a secret that was pasted into a configuration', () => {
  it.each(PASTED)('is quoted by no fault, wherever it was pasted: %s', (secret) => {
    const config = whole()
    let faults = 0
    for (const given of [
      ...replaced(config, secret),
      ...replaced(config, [secret]),
      ...replaced(config, { [secret.slice(0, 0)]: secret }),
    ]) {
      const lines = linesOf(given)
      faults += lines.length
      for (const line of lines) expect(line).not.toContain(secret)
    }
    expect(faults).toBeGreaterThan(100)
  })

  it.each(['TOKEN_SECRET', 'ABSENT', 'API_RATE', 'KEY_2', 'billing', 'origin-worker', 'usageQueue', 'KEY2026'])(
    'is told from a name, which is quoted: %s',
    (name) => {
      const faults = linesOf({ ...whole(), log: { accountKey: name === 'TOKEN_SECRET' ? 'TOKEN_SECRETS' : name } })
      expect(faults.join()).toContain(`"${name === 'TOKEN_SECRET' ? 'TOKEN_SECRETS' : name}"`)
    },
  )
})
