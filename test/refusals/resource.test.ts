import { describe, expect, it } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { html } from '../../src/refusals/html.ts'
import { x402 } from '../../src/rails/x402/rail.ts'
import { TOKEN } from '../support/paid.ts'
import { exchangeOf, refused, siteWith } from './site.ts'

// A body for x402 v1 names the page that was asked for, although all of one kind are written once.

const rails = [x402({ facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] })]
const site = siteWith({ rails, refusals: [html()] })
const SHORT = refusal('credit-insufficient', 'There is too little credit.', {
  amounts: { left: { units: {} }, needed: { units: {} } },
})

async function resourceOf(path: string, why?: Parameters<typeof refused>[2]): Promise<unknown> {
  const body = await refused(site, exchangeOf(path), why).json<{ accepts: { resource: unknown }[] }>()
  return body.accepts[0]?.resource
}

const LONG = 'x'.repeat(512)

describe('the page in a refusal', () => {
  it.each([
    ['/articles/1', '/articles/1'],
    ['/articles/2?a=b&c', '/articles/2?a=b&c'],
    ['/articles/1', '/articles/1'],
    ['/articles/%C3%A9?q=%22}\\,"accepts":[]', undefined],
    ['/articles/\ue009\ue000', '/articles/%EE%80%89%EE%80%80'],
    [`/articles/3?${LONG}`, '/articles/3'],
    [`/articles/${LONG}`, '/'],
  ])('%s is that of its request', async (path, expected) => {
    const { origin, target } = exchangeOf(path)
    const url = `${origin}${expected ?? `${target.path}${target.query}`}`
    expect(await resourceOf(path)).toBe(url)
    // One with values of its own is written anew.
    expect(await resourceOf(path, SHORT)).toBe(url)
  })

  it('leaves no slot in a page for people', async () => {
    const page = refused(site, exchangeOf('/articles/1', { headers: { accept: 'text/html' } }))
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).not.toMatch(/[\ue000-\ue00f]/)
  })
})
