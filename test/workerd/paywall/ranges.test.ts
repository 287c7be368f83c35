import { describe, expect, it } from 'vitest'
import { handle } from '../../../src/paywall.ts'
import { worldOrigin } from '../../support/services.ts'
import { withToken } from '../../support/world.ts'
import { useReader } from './reader.ts'

const reader = useReader('ranges.test.ts')
const { askAndSettle } = reader
let number = 0

describe('a further part', () => {
  const part = (more: Record<string, string>): Response =>
    new Response('the', { status: 206, headers: { 'content-range': 'bytes 0-2/13', ...more } })
  const asking = async (): Promise<RequestInit> => {
    const { headers } = withToken(await reader.world.token({ sub: `account ${++number} of ranges.test.ts` }))
    return { headers: { ...headers, range: 'bytes=0-2' } }
  }

  it('of one page is the same charge, where a strong validator says that it is one', async () => {
    reader.world.origin = () => part({ etag: '"v1"' })
    const init = await asking()
    for (let time = 0; time < 5; time++) expect((await askAndSettle('/metered/1', init)).status).toBe(206)
    expect((await askAndSettle('/metered/2', init)).status).toBe(206)
    expect((await askAndSettle('/metered/3', init)).status).toBe(206)
    expect((await askAndSettle('/metered/4', init)).status).toBe(402)
  })

  it('that is asked for beside another is the same charge, however short they are', async () => {
    const init = await asking()
    const ask = async (): Promise<Response> =>
      handle(
        new Request('https://news.test/metered/1', init),
        reader.services,
        worldOrigin(reader.world),
        reader.background.waitUntil,
      )
    const { promise, resolve } = Promise.withResolvers<Uint8Array>()
    const fields = { etag: '"v1"', 'content-length': '3' }
    const content = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(await promise)
        controller.close()
      },
    })
    reader.world.origin = () => new Response(content, { status: 206, headers: fields })
    const first = await ask()
    reader.world.origin = () => part(fields)
    expect(await (await ask()).text()).toBe('the')
    resolve(new TextEncoder().encode('the'))
    expect(await first.text()).toBe('the')
    await reader.background.settled()
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
    reader.world.origin = () => part(fields)
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
