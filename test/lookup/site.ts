import { vi } from 'vitest'
import { createDeployments } from '../platform/deployments.ts'

/** When these tests take place. */
export const NOW = new Date('2026-11-28T12:00:00Z')

/** Sets the time, and keeps the console quiet. */
export function begin(): void {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
  for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined)
}

export function end(): void {
  vi.useRealTimers()
  vi.restoreAllMocks()
}

export type Json = Readonly<Record<string, unknown>>

/** A site where ann has credit, has bought a page and used up her quota of two requests a day. */
export async function site() {
  const deployments = createDeployments()
  const deployed = deployments.deploy()
  const { ask, order, orderWith } = deployed
  await order('credit', { account: 'ann', amount: '0.6', currency: 'EUR', id: 'invoice-1' })
  await ask('/sold', { method: 'POST' })
  for (const path of ['/metered', '/metered']) await ask(path)
  const look = async (body: object, from = orderWith) => {
    const { status, body: text } = await from('view', 'lookup', body)
    return { status, ...(JSON.parse(text) as Json) } as Json & { readonly account: Json; readonly reference: Json }
  }
  /** The problem document of a refused request. */
  const refused = async (path: string, token?: string) => {
    const { body } = token === undefined ? await ask(path) : await deployed.send(path, token)
    return JSON.parse(body) as { readonly reference?: string; readonly instance: string }
  }
  return { ...deployments, ...deployed, look, refused }
}

/** A time as the look-up writes it. */
export const time = (ms = NOW.getTime()) => ({ at: new Date(ms).toISOString(), seconds: ms / 1000 })
