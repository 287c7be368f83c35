import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { html, linkPreviews, markdown, plainText } from '../../../src/index.ts'
import { ok } from '../../../src/core/result.ts'
import { CORPUS } from './corpus.ts'
import { PreviewWorld } from './world.ts'

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined)) // that no ledger is there
afterEach(() => void vi.restoreAllMocks())

/** Those who are refused, each in another way of writing. */
const ASKING = {
  browser: { accept: 'text/html' },
  program: { accept: 'application/json' },
  reader: { accept: 'text/plain' },
  model: { accept: 'text/markdown' },
  unfurling: { accept: '*/*', 'user-agent': 'facebookexternalhit/1.1' },
}

describe('a preview of a page shows what is public and nothing that is paid', () => {
  it.each(CORPUS.map((page) => [page.name, page] as const))('%s', async (_name, page) => {
    const world = new PreviewWorld({
      preview: page.preview,
      refusals: [linkPreviews(), html(), plainText(), markdown()],
    })
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'max-age=60' }
    world.origin = () => ok({ response: new Response(page.html, { headers }) })
    const told: string[] = []
    for (const fields of Object.values(ASKING)) {
      for (const method of ['GET', 'HEAD']) {
        const response = await world.app('/articles/1', { method, fields })
        told.push(Array.from(response.headers, (pair) => pair.join(': ')).join('\n'), await response.text())
      }
    }
    expect(told.join('\n')).toContain('The title')
    expect(told.join('\n').includes('Free sentence.')).toBe(page.isShown ?? true)
    expect(`${told.join('\n')}${JSON.stringify(world.lines)}`).not.toContain('CANARY')
    expect(page.html).toContain('CANARY')
    // The paid page is what a reader who has paid gets.
    const paid = await world.app('/articles/1', { fields: await world.token() })
    expect([paid.status, await paid.text()]).toEqual([200, page.html])
  })
})
