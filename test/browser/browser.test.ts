import { createServer, type Server } from 'node:http'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Running, startAll } from '../node/running.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

let all: Running
let browser: Browser
let elsewhere: Server
let page: Page

beforeAll(async () => {
  all = await startAll()
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS })
  elsewhere = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>another site</title>'),
  )
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const address = elsewhere.address()
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`)
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
    expect([status, challenge]).toEqual([402, 'Bearer realm="demo", scope="premium"'])
    expect(JSON.parse(body)).toMatchObject({ reason: 'payment-required' })
  })

  it('reads the paid page, through a preflight', async () => {
    const { status, body } = await read({ authorization: `Bearer ${await all.token('--entitlements', 'premium')}` })
    expect(status).toBe(200)
    expect(body).toContain('<h1>Article 1</h1>')
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
    expect(await reader.textContent('h1')).toBe('Payment required')
    expect(await reader.getAttribute('a[rel="payment"]', 'href')).toContain('/checkout?return=')
  })
})
