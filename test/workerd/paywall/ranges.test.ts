import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { handle } from '../../../src/paywall.ts'
import { type Background, createBackground, newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'
import type { Services } from '../../../src/services.ts'

let world: World
let services: Services
let background: Background
let number = 0

beforeAll(() => {
  services = newServices(realObjects())
})
beforeEach(async () => {
  background = createBackground()
  world = await createWorld()
})
afterEach(() => world.end())

/** Asks, reads all of it, and lets all be done that the answer left behind. */
async function askAndSettle(path: string, init: RequestInit): Promise<{ status: number; body: string }> {
  const request = new Request(`https://news.test${path}`, init)
  const response = await handle(request, services, worldOrigin(world), background.waitUntil)
  const body = await response.text()
  await background.settled()
  return { status: response.status, body }
}

describe('a further part', () => {
  const part = (more: Record<string, string>): Response =>
    new Response('the', { status: 206, headers: { 'content-range': 'bytes 0-2/13', ...more } })
  const asking = async (): Promise<RequestInit> => {
    const { headers } = withToken(await world.token({ sub: `account ${++number} of ranges.test.ts` }))
    return { headers: { ...headers, range: 'bytes=0-2' } }
  }

  it('of one page is the same charge, where a strong validator says that it is one', async () => {
    world.origin = () => part({ etag: '"v1"' })
    const init = await asking()
    for (let time = 0; time < 5; time++) expect((await askAndSettle('/metered/1', init)).status).toBe(206)
    expect((await askAndSettle('/metered/2', init)).status).toBe(206)
    expect((await askAndSettle('/metered/3', init)).status).toBe(206)
    expect((await askAndSettle('/metered/4', init)).status).toBe(402)
  })

  it('that is asked for beside another is the same charge, however short they are', async () => {
    const init = await asking()
    const ask = async (): Promise<Response> =>
      handle(new Request('https://news.test/metered/1', init), services, worldOrigin(world), background.waitUntil)
    const { promise, resolve } = Promise.withResolvers<Uint8Array>()
    const fields = { etag: '"v1"', 'content-length': '3' }
    const content = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(await promise)
        controller.close()
      },
    })
    world.origin = () => new Response(content, { status: 206, headers: fields })
    const first = await ask()
    world.origin = () => part(fields)
    expect(await (await ask()).text()).toBe('the')
    resolve(new TextEncoder().encode('the'))
    expect(await first.text()).toBe('the')
    await background.settled()
    const statuses = []
    for (const page of [2, 3, 4]) statuses.push((await askAndSettle(`/metered/${page}`, init)).status)
    expect(statuses).toEqual([206, 206, 402])
  })

  it.each([
    ['nothing', {}],
    ['a date', { 'last-modified': 'Sun, 15 Jan 2040 10:00:00 GMT' }],
    ['a weak tag', { etag: 'W/"v1"' }],
    ['a tag that is none', { etag: 'v1' }],
    ['half a tag', { etag: '"v1' }],
    ['two tags', { etag: '"v1", "v2"' }],
  ])('is a charge of its own where %s tells what it is part of', async (_what, fields) => {
    world.origin = () => part(fields)
    const init = await asking()
    const statuses = []
    for (let time = 0; time < 5; time++) statuses.push((await askAndSettle('/metered/1', init)).status)
    expect(statuses).toEqual([206, 206, 206, 402, 402])
  })

  it('that is asked for and is all of it anew is charged anew', async () => {
    const init = await asking()
    const statuses = []
    for (let time = 0; time < 5; time++) statuses.push((await askAndSettle('/metered/1', init)).status)
    expect(statuses).toEqual([200, 200, 200, 402, 402])
  })
})
