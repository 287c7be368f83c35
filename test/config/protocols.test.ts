import { describe, expect, it } from 'vitest'
import { mcp, reported } from '../../src/index.ts'
import { faultsOf, ZONE } from '../support/compiled.ts'

const SECRETS = { GATE_SECRET: 'a secret of the gate, of thirty-two bytes' }
const price = { amount: '0.01', currency: 'USD' }
const faultsIn = (route: object, shared: object = { secrets: { gate: 'GATE_SECRET' } }) =>
  faultsOf({ zones: [{ ...ZONE, routes: [{ path: '/mcp', free: true, ...route }] }], ...shared }, SECRETS)
/** A factory as one without types calls it. */
const ofOptions = (options: unknown) => faultsIn({ protocol: mcp(options as never) })

describe('the protocol of a route', () => {
  it('has no faults, with terms of every kind', () => {
    const tools = { a: { price }, b: { requires: ['pro'], quotas: [] }, c: 'free', d: 'included', e: 'closed' } as const
    expect(
      ofOptions({ tools, methods: { 'resources/read': { price } }, authorizationServers: ['https://l.test'] }),
    ).toEqual([])
  })

  it.each([
    [{}, 'zones[0].routes[0].protocol.tools'],
    [undefined, 'zones[0].routes[0].protocol'],
    [{ tools: { a: 'open' } }, 'zones[0].routes[0].protocol.tools.a'],
    [{ tools: { a: { price: { amount: '-1', currency: 'USD' } } } }, 'zones[0].routes[0].protocol.tools.a.price'],
    [{ tools: { a: {} } }, 'zones[0].routes[0].protocol.tools.a'],
    [{ tools: { a: { price, cache: 'shared' } } }, 'zones[0].routes[0].protocol.tools.a'],
    [{ tools: { a: { price, packs: [{ uses: 10, amount: '0.05' }] } } }, 'zones[0].routes[0].protocol.tools.a'],
    [{ tools: {}, unknown: 'free' }, 'zones[0].routes[0].protocol.unknown'],
    [{ tools: {}, authorizationServers: ['http://login.test'] }, 'zones[0].routes[0].protocol.authorizationServers[0]'],
    [{ tools: {}, scopes: ['a b'] }, 'zones[0].routes[0].protocol.scopes[0]'],
    [{ tools: {}, maxBytes: 2_000_000 }, 'zones[0].routes[0].protocol.maxBytes'],
    [{ tools: {}, prices: {} }, 'zones[0].routes[0].protocol.prices'],
  ])('is at fault: %j', (options, path) => {
    expect(ofOptions(options)).toContainEqual({ path, message: expect.stringContaining('') })
  })

  it('needs the secret of the gate, and stands beside neither a meter nor copies', () => {
    const protocol = mcp({ tools: {} })
    expect(faultsIn({ protocol }, {})).toMatchObject([{ path: 'secrets.gate' }])
    const beside = [{ cache: 'shared' }, { methods: ['POST'] }, { free: undefined, requires: 'x', preview: true }]
    const meter = reported({ most: { rows: 1 } })
    for (const other of [...beside, { free: undefined, requires: 'x', meter }])
      expect(faultsIn({ protocol, ...other })).toContainEqual({
        path: 'zones[0].routes[0]',
        message: expect.stringContaining('beside "protocol"'),
      })
    expect(faultsIn({ protocol: {} })).toMatchObject([{ path: 'zones[0].routes[0].protocol' }])
  })
})
