import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, withToken, createWorld, linesOf, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

const lines = () => linesOf(world)

describe('the log', () => {
  it('has one line for a served request, with the account as a keyed hash', async () => {
    await ask('/articles/1?secret=1', withToken(await world.token()))
    await ask('/articles/2', withToken(await world.token({ jti: 'another' })))
    expect(lines()).toHaveLength(2)
    expect(lines()[0]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      zone: 'news',
      route: '/articles/*',
      method: 'GET',
      status: 200,
      decision: 'serve',
      rail: 'bearer',
      credential: 'verified',
      cache: 'fwd=miss',
      account: expect.stringMatching(/^[\w-]{16}$/),
      originMs: expect.any(Number),
      totalMs: expect.any(Number),
    })
    expect(lines()[0]?.['account']).toBe(lines()[1]?.['account'])
  })

  it('has one line for a refusal, with the id of its problem document', async () => {
    const response = await ask('/articles/1', withToken(await world.token({ standing: 'on-hold' })))
    const problem = await response.json<{ instance: string }>()
    expect(lines()).toHaveLength(1)
    expect(lines()[0]).toMatchObject({
      status: 402,
      decision: 'refuse',
      reason: 'security-hold',
      check: 'standing',
      account: expect.any(String),
      rail: 'bearer',
      credential: 'verified',
    })
    expect(`urn:uuid:${String(lines()[0]?.['id'])}`).toBe(problem.instance)
  })

  it.each<[string, (token: string) => string, object]>([
    ['a token whose signature is wrong', (token) => `${token.slice(0, -9)}AAAAAAAAA`, { credential: 'refused' }],
    ['none', () => '', {}],
  ])('says whether a refused credential was genuine: %s', async (_, change, said) => {
    const token = change(await world.token())
    await ask('/articles/1', token === '' ? {} : withToken(token))
    const { credential, rail } = lines()[0] ?? {}
    expect({ credential, rail }).toEqual('credential' in said ? { ...said, rail: 'bearer' } : {})
  })

  it('has one line for a request to the gate itself', async () => {
    const explained = await ask('/__faregate/explain?target=/articles/1', withToken(await world.token()))
    const { instance } = await explained.json<{ instance: string }>()
    await ask('/__faregate/nothing')
    expect(lines()).toMatchObject([
      { zone: 'news', method: 'GET', status: 200, decision: 'own' },
      { zone: 'news', status: 404, decision: 'own' },
    ])
    expect(`urn:uuid:${String(lines()[0]?.['id'])}`).toBe(instance)
  })

  it('never holds a credential, a path or a query', async () => {
    const token = await world.token()
    await ask('/articles/secret-page?key=secret-value', withToken(token))
    await ask('/articles/secret-page?key=secret-value', { headers: { cookie: `__Host-faregate=${token}` } })
    await ask('/articles/secret-page?key=secret-value', withToken(`${token}x`))
    const text = JSON.stringify(world.log.mock.calls)
    for (const secret of [token, token.slice(-20), 'secret', 'account-7']) expect(text).not.toContain(secret)
  })
})

describe('a trace', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('that the client began is continued with a span of the gate', async () => {
    await ask('/free/1', { headers: { traceparent, tracestate: 'a=1' } })
    const sent = world.received[0]?.headers.get('traceparent')
    expect(sent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/)
    expect(sent).not.toBe(traceparent)
    expect(world.received[0]?.headers.get('tracestate')).toBe('a=1')
    expect(lines()[0]?.['trace']).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  })

  it.each([
    '',
    'nonsense',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ])('of %j is begun anew', async (bad) => {
    await ask('/free/1', { headers: { traceparent: bad } })
    const id = String(lines()[0]?.['id']).replaceAll('-', '')
    expect(world.received[0]?.headers.get('traceparent')).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-00$`))
  })
})

describe('Server-Timing', () => {
  it('tells the client how long the gate and the origin took', async () => {
    const served = await ask('/articles/1', withToken(await world.token()))
    expect(served.headers.get('server-timing')).toMatch(/^gate;dur=\d+, origin;dur=\d+$/)
  })

  it('is left out of a refusal that waited for nothing', async () => {
    const refused = await ask('/articles/1')
    expect(refused.headers.get('server-timing')).toBeNull()
  })
})
