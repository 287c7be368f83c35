import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withToken, createWorld, type World } from '../../support/world.ts'
import { gateOf, IMPLEMENTATIONS } from './gate.ts'

const SECRET = 'c2VjcmV0LW9mLXRoZS1nYXRl'
const env = { READER_KEY: SECRET }
const origin = {
  servers: [{ url: 'https://one.test' }, { url: 'https://two.test' }],
  fields: { 'X-Reader-Key': { secret: 'READER_KEY' }, authorization: { secret: 'READER_KEY' }, 'x-by': 'the gate' },
}

let world: World

beforeEach(async () => {
  world = await createWorld()
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const PATHS = ['/articles/', '/always/', '/shared/', '/free/']

describe.each(IMPLEMENTATIONS)('a field that the gate writes for its servers: %s', (implementation) => {
  it.each(PATHS)('is on every request to each of them: %s', async (path) => {
    const gate = gateOf(implementation, origin, env)
    for (const [place, server] of ['https://one.test', 'https://two.test'].entries()) {
      vi.mocked(Math.random).mockReturnValue(place * 0.9)
      await gate.fetch(new Request(`https://www.site.test${path}${place}`, withToken(await world.token())))
      await gate.settled()
      const request = world.received.at(-1)
      expect(new URL(request?.url ?? '').origin).toBe(server)
      const told = ['x-reader-key', 'authorization', 'x-by'].map((name) => request?.headers.get(name))
      expect(told).toEqual([SECRET, SECRET, 'the gate'])
    }
  })

  it('is told to no client by an origin that repeats what it was asked', async () => {
    world.origin = (request) => new Response(JSON.stringify([...request.headers]))
    const gate = gateOf(implementation, origin, env)
    for (const path of PATHS) {
      const asked = { method: 'TRACE', ...withToken(await world.token()) }
      const response = await gate.fetch(new Request(`https://www.site.test${path}1`, asked))
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toContain('GET')
      expect(await response.json()).toMatchObject({ reason: 'method-not-allowed' })
    }
    expect(world.received).toEqual([])
  })

  it.each(PATHS)('is no client’s to write, in any spelling: %s', async (path) => {
    const gate = gateOf(implementation, origin, env)
    const forged = {
      'x-reader-key': 'forged',
      X_Reader_Key: 'forged',
      'x-reader_key': 'forged',
      'x.reader.key': 'forged',
    }
    const headers = { ...forged, ...withToken(await world.token()).headers, 'x-by': 'forged', x_by: 'forged' }
    await gate.fetch(new Request(`https://www.site.test${path}1`, { headers }))
    const seen = [...(world.received.at(-1)?.headers ?? [])]
    expect(seen.filter(([name]) => /^x.reader.key$/.test(name))).toEqual([['x-reader-key', SECRET]])
    expect(seen.filter(([, value]) => value === 'forged')).toEqual([])
  })

  it('is in no key: what a client writes there makes no variant, though the origin names it in Vary', async () => {
    world.origin = () => new Response('x', { headers: { 'cache-control': 'max-age=60', vary: 'X-Reader-Key' } })
    const gate = gateOf(implementation, origin, env)
    for (const key of ['a', 'b', SECRET]) {
      await gate.fetch(new Request('https://www.site.test/shared/1', { headers: { 'x-reader-key': key } }))
      await gate.settled()
    }
    // The platform's cache compares what the client sent, of which the entrypoint that is cached sees nothing.
    expect(world.received.length).toBe(1)
  })

  it('is told to nobody else', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const gate = gateOf(implementation, origin, env)
    const token = withToken(await world.token())
    const answers = await Promise.all(
      ['/articles/1', '/free/1', '/closed', '/__faregate/explain?target=/articles/1', '/__faregate/account'].flatMap(
        (path) => [{}, token].map((init) => gate.fetch(new Request(`https://www.site.test${path}`, init))),
      ),
    )
    world.origin = () => {
      throw new Error('down')
    }
    answers.push(await gate.fetch(new Request('https://www.site.test/articles/2', token)))
    await gate.settled()
    const seen = await Promise.all(
      answers.map(async (answer) => JSON.stringify([[...answer.headers], await answer.text()])),
    )
    expect(seen.join()).not.toContain(SECRET)
    expect(JSON.stringify([world.log.mock.calls, errors.mock.calls])).not.toContain(SECRET)
    for (const [input, init] of vi.mocked(fetch).mock.calls) {
      const { url, headers } = new Request(input, init)
      if (!/^https:\/\/(?:one|two)\.test\//.test(url)) expect(JSON.stringify([...headers])).not.toContain(SECRET)
    }
  })
})
