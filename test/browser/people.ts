import { createServer } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { open, shut } from '../../tools/loopback.ts'
import { type Running, startAll } from '../slow/running.ts'

/** The demo as people meet it: the gate at `localhost`, billing and a third site at `127.0.0.1`, which is another site. */
export interface Demo {
  readonly gate: string
  readonly all: Running
  /** A page of the third site with a link. */
  readonly linkTo: (url: string) => string
  /** Signs the browser of a page in by a token, as the gate would by its cookie. */
  readonly signIn: (page: Page, token: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startDemo(variables: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const all = await startAll(undefined, variables)
  const gate = `http://localhost:${new URL(all.gate).port}`
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://elsewhere')
    const given = searchParams.get('to') ?? ''
    if (pathname === '/cookie')
      response.setHeader('set-cookie', `__Host-faregate=${given}; Path=/; Secure; HttpOnly; SameSite=Lax`).end()
    else response.setHeader('content-type', 'text/html').end(`<a href="${given}">read</a>`)
  })
  const elsewhere = await open(server)
  return {
    gate,
    all,
    linkTo: (url) => `${elsewhere}/?to=${encodeURIComponent(url)}`,
    async signIn(page, token) {
      // Cookies know no ports.
      await page.goto(`${elsewhere.replace('127.0.0.1', 'localhost')}/cookie?to=${encodeURIComponent(token)}`)
    },
    async stop() {
      await shut(server)
      await all.stop()
    },
  }
}

export interface Looks {
  readonly width?: 320 | 390 | 1280
  readonly scheme?: 'light' | 'dark'
  readonly language?: 'en' | 'de'
  readonly runsScripts?: boolean
  readonly userAgent?: string
}

const HEIGHTS = { 320: 640, 390: 844, 1280: 800 } as const

/** Opens a browser of a person's own. */
export function contextOf(browser: Browser, looks: Looks = {}): Promise<BrowserContext> {
  const { width = 390, scheme = 'light', language = 'en', runsScripts = false, userAgent } = looks
  return browser.newContext({
    viewport: { width, height: HEIGHTS[width] },
    colorScheme: scheme,
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    javaScriptEnabled: runsScripts,
    ...(userAgent !== undefined && { userAgent }),
  })
}
