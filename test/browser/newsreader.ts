import type { Browser, BrowserContext, Page } from 'playwright-core'

/** Cookies of frames and images of other sites are blocked, as in Safari. */
export const NO_THIRD_PARTY_COOKIES = '--test-third-party-cookie-phaseout'

/** A reader with a browser that runs no script, and everything that the browser has asked and kept. */
export interface Newsreader {
  readonly context: BrowserContext
  readonly page: Page
  /** Each code that was in a URL. */
  readonly secrets: Set<string>
  /** The pages that the other site showed, as `GET /authorize`. */
  readonly shown: string[]
  /** `Referer` of each request. */
  readonly referrers: string[]
  /** The status of each page that was opened, and its path. */
  readonly pages: string[]
}

type Kept = Awaited<ReturnType<BrowserContext['storageState']>>

export async function openReader(browser: Browser, billing: string, kept?: Kept): Promise<Newsreader> {
  const context = await browser.newContext({ javaScriptEnabled: false, ...(kept && { storageState: kept }) })
  const page = await context.newPage()
  const reader: Newsreader = { context, page, secrets: new Set(), shown: [], referrers: [], pages: [] }
  context.on('request', (request) => {
    const { searchParams } = new URL(request.url())
    const code = searchParams.get('code')
    if (code !== null) reader.secrets.add(code)
    const referrer = request.headers()['referer']
    if (referrer !== undefined) reader.referrers.push(referrer)
  })
  context.on('response', (response) => {
    const request = response.request()
    if (!request.isNavigationRequest()) return
    const { origin, pathname } = new URL(response.url())
    if (origin === billing && response.status() === 200) reader.shown.push(`${request.method()} ${pathname}`)
    if (origin !== billing) reader.pages.push(`${response.status()} ${pathname}`)
  })
  return reader
}

/** What is left of a browser's cookies once it was closed: a day later those whose time has passed are gone as well. */
export async function cookiesAfter({ context }: Newsreader, seconds: number): Promise<Kept> {
  const { cookies, origins } = await context.storageState()
  const then = Date.now() / 1000 + seconds
  return { cookies: cookies.filter(({ expires }) => expires > then), origins }
}

/** The URLs to which Back and Forward lead. */
export async function historyOf({ context, page }: Newsreader): Promise<string[]> {
  const session = await context.newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  return entries.map(({ url }) => url)
}
