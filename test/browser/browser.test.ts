import { createServer, type Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event as told } from '../../demo/event.ts'
import { type Running, startAll } from '../slow/running.ts'
import { open } from '../../tools/loopback.ts'
import { launch } from './chromium.ts'

let all: Running
let browser: Browser
let elsewhere: Server
let page: Page

beforeAll(async () => {
  all = await startAll()
  browser = await launch()
  elsewhere = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>another site</title>'),
  )
  page = await browser.newPage()
  await page.goto(await open(elsewhere))
})
afterAll(async () => {
  await browser.close()
  elsewhere.close()
  await all.stop()
})

interface Read {
  status: number
  challenge: string | null
  body: string
}

/** What a page of another site reads with `fetch`. */
function read(headers: Record<string, string>, method = 'GET', path = '/articles/1'): Promise<Read> {
  return page.evaluate(
    async ([url, fields, verb]) => {
      const response = await fetch(url, { headers: fields, method: verb })
      return {
        status: response.status,
        challenge: response.headers.get('www-authenticate'),
        body: await response.text(),
      }
    },
    [`${all.gate}${path}`, headers, method] as const,
  )
}

describe('a page of another site, in a browser', () => {
  it('reads the refusal, with its challenge', async () => {
    const { status, challenge, body } = await read({})
    expect([status, challenge]).toEqual([402, expect.stringMatching(/^Bearer realm="demo", scope="premium", Bearer /)])
    expect(JSON.parse(body)).toMatchObject({ reason: 'payment-required' })
  })

  it('reads the paid page, through a preflight', async () => {
    const { status, body } = await read({ authorization: `Bearer ${await all.token('--entitlements', 'premium')}` })
    expect(status).toBe(200)
    expect(body).toContain('<h1>The night ferry is coming back</h1>')
  })

  it('may send a method that needs a preflight', async () => {
    const { status, body } = await read(
      { authorization: `Bearer ${await all.token('--entitlements', 'api')}` },
      'PUT',
      '/api/echo',
    )
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({ method: 'PUT' })
  })
})

describe('a reader, in a browser', () => {
  it('is shown the refusal as a page that leads to the checkout', async () => {
    const reader = await browser.newPage()
    const response = await reader.goto(`${all.gate}/articles/1`)
    expect(response?.status()).toBe(402)
    expect(await reader.textContent('h2')).toMatch(/^Keep reading with /)
    expect(await reader.getAttribute('a[rel="payment"]', 'href')).toContain('/__faregate/checkout?offer=premium&to=')
  })
})

describe('a reader whose subscription ends, in a browser', () => {
  it('gets nothing new by the back button, a reload, a link or what the browser has stored', async () => {
    const reader = await browser.newPage()
    const token = await all.token('--sub', 'leaver', '--entitlements', 'premium')
    await reader.setExtraHTTPHeaders({ authorization: `Bearer ${token}` })
    const first = await reader.goto(`${all.gate}/articles/1`)
    expect(first?.status()).toBe(200)
    const etag = first?.headers()['etag'] ?? ''
    await reader.goto(`${all.gate}/`)
    expect(await event(['--sub', 'leaver', '--standing', 'inactive', '--url', all.gate, '--issuer', all.billing])).toBe(
      '202: leaver is inactive',
    )
    const before = all.log.length
    // A browser may show once more what it has shown before, without asking anyone (RFC 9111 §6).
    await reader.goBack()
    expect(await reader.textContent('h1')).toMatch(/^(The night ferry is coming back|Your subscription has ended)$/)
    expect((await reader.reload())?.status()).toBe(402)
    expect((await reader.goto(`${all.gate}/articles/1`))?.status()).toBe(402)
    expect((await reader.goto(`${all.gate}/articles/2`))?.status()).toBe(402)
    const headers = { authorization: `Bearer ${token}`, 'if-none-match': etag }
    expect((await fetch(`${all.gate}/articles/1`, { headers })).status).toBe(402)
    const served = all.log.slice(before).filter((line) => line.includes('"route":"/articles/*"'))
    expect(served.length).toBeGreaterThanOrEqual(4)
    for (const line of served) expect(JSON.parse(line)).toMatchObject({ decision: 'refuse', status: 402 })
  })
})

function event(args: string[]): Promise<string> {
  return told(args)
}
