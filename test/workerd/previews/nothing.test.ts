import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err, ok } from '../../../src/core/result.ts'
import { type Asking, headOf, page, PreviewWorld, SPOKEN, told } from './world.ts'

let world: PreviewWorld

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // that no ledger is there
  world = new PreviewWorld()
})
afterEach(() => void vi.restoreAllMocks())

describe('nothing is shown', () => {
  const plain = async (path: string, asking: Asking = {}): Promise<void> => {
    const response = await world.app(path, asking)
    expect(await response.text()).not.toContain('The free part.')
    expect(response.status).toBeGreaterThanOrEqual(402)
  }

  it.each(['/uncached/1', '/mine/1', '/silent/1'])(
    'of a page without a copy for everyone, or without leave: %s',
    async (path) => {
      await plain(path)
      expect(world.received).toEqual([])
    },
  )

  it.each([
    ['an account on hold', '/articles/1', async () => ({ fields: await world.token({ standing: 'on-hold' }) })],
    ['what is not for sale', '/staff/1', async () => ({ fields: await world.token() })],
    ['what is no request for a page', '/articles/1', async () => ({ method: 'POST', body: 'x' })],
  ] as const)('to %s, and no origin is asked', async (_what, path, asking) => {
    await plain(path, await asking())
    expect(world.received).toEqual([])
  })

  it.each([
    ['that leads elsewhere', () => ok({ response: page('x', { location: '/x' }, 302) })],
    ['that is compressed', () => ok({ response: page('x', { 'content-encoding': 'br' }) })],
    ['that fails', () => ok({ response: page('x', {}, 500) })],
    ['that no origin gives', () => err('origin-timeout' as const)],
    ['that is no page', () => ok({ response: page('x', { 'content-type': 'application/json' }) })],
    ['of a broken body', () => ok({ response: brokenPage() })],
  ])('of a page %s: the refusal is as any other', async (_what, answer) => {
    world.origin = answer
    const response = await world.app('/articles/1')
    expect(headOf(response)).toEqual(headOf(await world.app('/silent/1')))
    expect(await told(response)).not.toContain('The free part.')
  })
})

function brokenPage(): Response {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('broke off')) })
  return new Response(body, { headers: { ...SPOKEN, 'cache-control': 'no-store' } })
}

it('Who has paid is served all of the page, and who is only watched too', async () => {
  expect(await (await world.app('/articles/1', { fields: await world.token() })).text()).toContain('CANARY')
  expect(await (await world.app('/watched/1')).text()).toContain('CANARY')
})

it('A preview is explained as what it is', async () => {
  const response = await world.app('/__faregate/explain?target=/articles/1', { fields: { accept: 'application/json' } })
  expect(await response.json()).toMatchObject({
    decision: { action: 'preview', reason: 'payment-required', status: 402 },
  })
})
