import { describe, expect, it } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { answerEndpoint, type Endpoint } from '../../src/endpoints/endpoint.ts'
import { endpointsOf } from '../../src/gate.ts'
import { endpointAnswer } from '../../src/refusals/endpointproblem.ts'
import { createServices, type Services } from '../../src/services.ts'
import type { EventSource } from '../../src/standing/eventsource.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { holdEndpointToContract } from './contract.ts'
import { web } from '../../src/platform/web/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'

const silent: EventSource = {
  name: 'silent',
  path: 'silent',
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

describe.each(endpointsOf(services()).map(({ path }) => path))('the endpoint %s', (path) => {
  holdEndpointToContract({
    host: 'a.test',
    create() {
      const all = services()
      const endpoint = endpointsOf(all).find((each) => each.path === path)
      if (endpoint === undefined) throw new Error(`no endpoint ${path}`)
      return { endpoint, services: all }
    },
  })
})

/** Counts what is posted to it, and says so to any page. */
function counter(counted: string[]): Endpoint {
  return {
    path: 'counter',
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
  holdEndpointToContract({ host: 'a.test', create: () => ({ endpoint: counter([]), services: services() }) })

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

it('The endpoints have paths of their own', () => {
  const paths = endpointsOf(services()).map(({ path }) => path)
  expect(paths).toEqual(['account', 'explain', 'confirm', 'purge', 'credit', 'hold', 'events', 'events/silent'])
})
