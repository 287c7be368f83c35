import type { Page } from 'playwright-core'

/** A picture of the documentation: how the window looks, and what a reader does before it is taken. */
export interface Shot {
  readonly name: string
  readonly size: 'phone' | 'desktop'
  readonly scheme: 'light' | 'dark'
  readonly language?: 'de'
  readonly runsScripts?: true
  /** True if the whole page is shown, not the window alone. */
  readonly isWhole?: true
  /** True if two weeks of traffic are played before (tools/weeks). */
  readonly isOfWeeks?: true
  readonly steps: (page: Page, gate: string, viewToken: () => Promise<string>) => Promise<unknown>
}

const opened = (path: string) => (page: Page, gate: string) => page.goto(`${gate}${path}`)

/** Reads what is free, so that the next article is refused. */
async function readFree(page: Page, gate: string): Promise<void> {
  for (const id of [2, 3, 5]) await page.goto(`${gate}/articles/${id}`)
}

async function refused(page: Page, gate: string, id: number): Promise<void> {
  await readFree(page, gate)
  await page.goto(`${gate}/articles/${id}`)
}

async function toCheckout(page: Page, gate: string, offer: string, id: number): Promise<void> {
  await page.goto(`${gate}/__faregate/checkout?offer=${offer}&to=/articles/${id}`)
  await page.waitForSelector('.order')
}

/** Buys at a page what is offered there under this name. */
async function bought(page: Page, gate: string, path: string, offer: string, account = ''): Promise<void> {
  await page.goto(`${gate}${path}`)
  await page.getByRole('link', { name: offer, exact: true }).click()
  if (account !== '') await page.fill('input[name=account]', account)
  await page.click('button[value=card]')
  await page.waitForURL(`${gate}${path}`)
}

/** The account of somebody who has the API's plan and credit, and has used both. */
const accountOf = (account: string) => async (page: Page, gate: string) => {
  await bought(page, gate, '/api/sailings', 'Subscribe: API plan', account)
  await bought(page, gate, '/reports/1', 'Buy: Prepaid credit')
  for (const id of [1, 2, 3]) {
    await page.goto(`${gate}/reports/${id}`)
    await page.click('main button')
    await page.waitForURL(`${gate}/reports/${id}`)
  }
  for (const path of ['/api/sailings', '/api/tides', '/api/berths']) await page.goto(`${gate}${path}`)
  await page.goto(`${gate}/__faregate/account`)
}

async function confirming(page: Page, gate: string): Promise<void> {
  await bought(page, gate, '/reports/1', 'Buy: Prepaid credit', 'cara')
}

/** What happened within a range, as an operator sees it, from this heading on. */
const looking =
  (range: string, heading?: string) => async (page: Page, gate: string, viewToken: () => Promise<string>) => {
    const dashboard = `${gate}/__faregate/operator`
    await page.goto(dashboard)
    await page.fill('textarea', await viewToken())
    await page.click('button')
    await page.waitForSelector('.tiles')
    await page.goto(`${dashboard}?range=${range}`)
    if (heading === undefined) return
    await page.locator('h2', { hasText: heading }).evaluate((element: Element) => element.scrollIntoView())
  }

export const SHOTS: readonly Shot[] = [
  { name: 'front-desktop-light', size: 'desktop', scheme: 'light', steps: opened('/') },
  { name: 'front-desktop-dark', size: 'desktop', scheme: 'dark', steps: opened('/') },
  { name: 'front-phone-de', size: 'phone', scheme: 'light', language: 'de', steps: opened('/de') },
  {
    name: 'refusal-desktop-light',
    size: 'desktop',
    scheme: 'light',
    isWhole: true,
    steps: (page, gate) => refused(page, gate, 7),
  },
  {
    name: 'refusal-desktop-dark',
    size: 'desktop',
    scheme: 'dark',
    isWhole: true,
    steps: (page, gate) => refused(page, gate, 7),
  },
  {
    name: 'refusal-phone-light',
    size: 'phone',
    scheme: 'light',
    isWhole: true,
    steps: (page, gate) => refused(page, gate, 7),
  },
  {
    name: 'refusal-phone-de',
    size: 'phone',
    scheme: 'dark',
    language: 'de',
    isWhole: true,
    steps: (page, gate) => refused(page, gate, 4),
  },
  {
    name: 'checkout-phone-light',
    size: 'phone',
    scheme: 'light',
    steps: (page, gate) => toCheckout(page, gate, 'article', 7),
  },
  { name: 'account-desktop-light', size: 'desktop', scheme: 'light', isWhole: true, steps: accountOf('ann') },
  { name: 'account-phone-dark', size: 'phone', scheme: 'dark', isWhole: true, steps: accountOf('ben') },
  { name: 'confirm-phone-light', size: 'phone', scheme: 'light', steps: confirming },
  {
    name: 'dashboard-desktop-light',
    size: 'desktop',
    scheme: 'light',
    isOfWeeks: true,
    steps: looking('7d'),
  },
  {
    name: 'dashboard-levers-desktop-light',
    size: 'desktop',
    scheme: 'light',
    isOfWeeks: true,
    steps: looking('24h', 'Levers'),
  },
  { name: 'dashboard-phone-dark', size: 'phone', scheme: 'dark', isOfWeeks: true, steps: looking('24h') },
]
