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
  readonly steps: (page: Page, gate: string) => Promise<unknown>
}

const opened = (path: string) => (page: Page, gate: string) => page.goto(`${gate}${path}`)

async function signedIn(page: Page, gate: string, account: string, path: string): Promise<void> {
  await page.goto(`${gate}/__faregate/sign-in?to=${path}`)
  await page.fill('input[name=account]', account)
  await page.click('button >> nth=0')
  await page.waitForURL(`${gate}${path}`)
}

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
  {
    name: 'checkout-desktop-dark',
    size: 'desktop',
    scheme: 'dark',
    language: 'de',
    steps: (page, gate) => toCheckout(page, gate, 'premium', 4),
  },
  {
    name: 'article-desktop-light',
    size: 'desktop',
    scheme: 'light',
    steps: (page, gate) => signedIn(page, gate, 'reader', '/articles/7'),
  },
  {
    name: 'account-desktop-light',
    size: 'desktop',
    scheme: 'light',
    steps: async (page, gate) => {
      await signedIn(page, gate, 'reader', '/')
      await page.goto(`${gate}/__faregate/account`)
    },
  },
  {
    name: 'account-phone-dark',
    size: 'phone',
    scheme: 'dark',
    steps: async (page, gate) => {
      await signedIn(page, gate, 'reader', '/')
      await page.goto(`${gate}/__faregate/account`)
    },
  },
  { name: 'report-phone-light', size: 'phone', scheme: 'light', steps: opened('/reports/1') },
  { name: 'api-desktop-light', size: 'desktop', scheme: 'light', steps: opened('/api/sailings') },
]
