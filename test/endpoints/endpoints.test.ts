import { describe, expect, it, vi } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import type { Options } from '../../src/config/options.ts'
import { answerEndpoint, type Endpoint, type EndpointFactory } from '../../src/endpoints/endpoint.ts'
import { createApp } from '../../src/gate.ts'
import { account, explain, lookup, signed } from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { web } from '../../src/platform/web/index.ts'
import { endpointAnswer } from '../../src/refusals/endpointproblem.ts'
import { createServices, type Services } from '../../src/services.ts'
import type { EventSource } from '../../src/endpoints/eventsource.ts'
import { sourceEndpoint } from '../../src/endpoints/sourceevents.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { holdEndpointToContract } from './contract.ts'

const silent: EventSource = {
  name: 'silent',
  path: 'silent',
  endpoint: sourceEndpoint('silent'),
  faults: () => [],
  create: () => ({
    name: 'silent',
    path: 'silent',
    maxBytes: 10,
    refuseUnread: () => ({ kind: 'refused', detail: 'It is from nobody.' }),
    read: async () => ok(undefined),
  }),
}

function services(): Services {
  const operators = [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }]
  return createServices(compiled({ zones: [{ ...ZONE, operators, events: [silent] }] }), web({}))
}

describe.each([...ENDPOINTS, silent.endpoint, lookup()])('the endpoint $path', (factory) => {
  holdEndpointToContract({
    host: 'a.test',
    path: factory.path,
    create() {
      const all = services()
      return { endpoint: factory.create(all), services: all }
    },
  })
})

/** Counts what is posted to it, and says so to any page. */
function counter(counted: string[]): Endpoint {
  return {
    methods: ['POST', 'GET'],
    action: 'count',
    onUnknown: { status: 503, title: 'Service Unavailable', detail: 'Counted or not.', fields: { 'retry-after': '1' } },
    expose: (answer) => answer.set('access-control-allow-origin', '*'),
    async answer({ request, site, audit }) {
      const body = await request.text()
      if (body === '') return { ok: false, error: { status: 400, title: 'Bad Request', detail: 'Nothing to count.' } }
      audit.by = 'toy'
      audit.details = { zone: site.zone.name }
      audit.isIdle = counted.includes(body)
      counted.push(body)
      return ok(endpointAnswer({ counted: counted.length }))
    },
  }
}

describe('a toy endpoint', () => {
  holdEndpointToContract({
    host: 'a.test',
    path: 'counter',
    create: () => ({ endpoint: counter([]), services: services() }),
  })

  it('has in its line who did what, and whether anything changed', async () => {
    const lines: LogRecord[] = []
    const known = { ...services(), log: (line: LogRecord): unknown => lines.push(line) }
    const endpoint = counter([])
    const post = (): Promise<Response> =>
      answerEndpoint(
        endpoint,
        new Request('https://a.test/__faregate/counter', { method: 'POST', body: 'one' }),
        known,
        {
          waitUntil: () => undefined,
          purge: async () => false,
        },
      )
    expect(await (await post()).json()).toEqual({ counted: 1 })
    await post()
    expect(lines.map(({ audit }) => audit)).toEqual([
      { action: 'count', by: 'toy', zone: 'a', done: true },
      { action: 'count', by: 'toy', zone: 'a', done: false },
    ])
  })
})

describe('the endpoints of a configuration', () => {
  /** Without the help page, which each configuration has. */
  const pathsOf = (options: Partial<Options>, zones = [ZONE]): string[] =>
    compiled({ ...options, zones })
      .endpoints.map(({ path }) => path)
      .filter((path) => path !== 'problems')
  const zoneWith = (name: string): typeof ZONE => ({ ...ZONE, name, hosts: [`${name}.test`], events: [silent] })

  it('are those that it lists, and one of each source of events, however many zones have it', () => {
    expect(pathsOf({})).toEqual([])
    expect(pathsOf({ endpoints: ENDPOINTS })).toEqual([
      'account',
      'charges',
      'usage',
      'explain',
      'confirm',
      'events',
      'purge',
      'credit',
      'hold',
      'erase',
      'export',
      'emergency',
    ])
    expect(pathsOf({ endpoints: [account()] }, [zoneWith('a'), zoneWith('b')])).toEqual(['account', 'events/silent'])
  })

  const withPath = (path: string): EndpointFactory => ({ path, create: () => counter([]) })
  const odd = ['', '/', 'Account', 'a b', 'a/', '/a', 'a//b', ':name', '*', 'a.b', '%61', '..', 'é']

  it.each(odd)('have a path that every server reads in one way, and %j is none', (path) => {
    const message = expect.stringContaining('expected its path')
    expect(faultsOf({ endpoints: [withPath(path)], zones: [ZONE] })).toEqual([{ path: 'endpoints[0]', message }])
    const source = { ...silent, endpoint: withPath(path) }
    const zones = [{ ...ZONE, events: [source] }]
    expect(faultsOf({ zones })).toEqual([{ path: 'zones[0].events[0]', message }])
  })

  it.each([['account'], [{}], [() => account()], [signed({ url: '', secret: '' })]])('are no %j', (endpoint) => {
    const [fault] = faultsOf({ endpoints: [endpoint], zones: [ZONE] })
    expect(fault).toEqual({ path: 'endpoints[0]', message: 'expected an endpoint, such as account()' })
  })

  it('have paths of their own', () => {
    const zones = [zoneWith('a'), zoneWith('b')]
    expect(faultsOf({ endpoints: [account(), explain(), account(), withPath('events/silent')], zones })).toEqual([
      { path: 'endpoints[2]', message: 'the same as endpoints[0]' },
      { path: 'endpoints[3]', message: expect.stringContaining('the same as zones[') },
    ])
  })

  it('may be those of a zone that is written by itself', () => {
    const { name: _name, hosts: _hosts, ...zone } = ZONE
    expect(compiled({ ...zone, endpoints: [account()] }).endpoints.map(({ path }) => path)).toEqual([
      'account',
      'problems',
    ])
    expect(faultsOf({ ...zone, endpoints: [1] })).toMatchObject([{ path: 'endpoints[0]' }])
  })

  it('are all that the gate answers below its prefix', async () => {
    const origin = vi.fn(() => err('origin-unreachable' as const))
    const app = createApp(services(), [account()])
    const statusOf = async (path: string): Promise<number> => {
      const request = new Request(`https://a.test/__faregate/${path}`)
      return (await app(request, { origin, purge: async () => false }, () => undefined)).status
    }
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const others = ENDPOINTS.map(({ path }) => path).filter((path) => path !== 'account')
    expect(await statusOf('account')).toBe(401)
    for (const path of [...others, 'events/silent', '', 'Account', 'account/x'])
      expect([path, await statusOf(path)]).toEqual([path, 404])
    expect(origin).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})
