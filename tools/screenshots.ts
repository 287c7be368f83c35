/**
 * `npm run screenshots`: the pictures of the documentation. Runs the demo on ports of its own, opens its pages in Chromium as readers
 * do, and writes docs/images. `--png <folder>` writes them as PNG elsewhere, to look at; further arguments are parts of names.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { SHOTS, type Shot } from './screenshots/shots.ts'

const ROOT = join(import.meta.dirname, '..')
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const

interface Demo {
  readonly gate: string
  readonly stop: () => Promise<void>
}

async function startDemo(): Promise<Demo> {
  const ports = ['--port', '0', '--origin-port', '0', '--billing-port', '0']
  const child = spawn(process.execPath, [join(ROOT, 'demo/start.ts'), ...ports], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const gate = await new Promise<string>((resolve, reject) => {
    const seen = { gate: '' }
    child.on('exit', () => reject(new Error('the demo has ended')))
    lines.on('line', (line) => {
      seen.gate = /^Faregate runs at ([^\s,]+)/.exec(line)?.[1] ?? seen.gate
      if (line.startsWith('Ctrl-C ends it')) resolve(seen.gate)
    })
  })
  return {
    gate,
    async stop() {
      child.removeAllListeners('exit')
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function take(browser: Browser, gate: string, shot: Shot): Promise<Buffer> {
  const { size, scheme, language = 'en', steps } = shot
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    javaScriptEnabled: shot.runsScripts ?? false,
  })
  try {
    const page = await context.newPage()
    await steps(page, gate)
    return await picture(context, page, shot)
  } finally {
    await context.close()
  }
}

async function picture(context: BrowserContext, page: Page, shot: Shot): Promise<Buffer> {
  if (folder !== undefined) return page.screenshot({ fullPage: shot.isWhole ?? false })
  // Half the size of a PNG, which Playwright cannot write.
  const session = await context.newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 82,
    captureBeyondViewport: shot.isWhole ?? false,
    ...(shot.isWhole && { clip: await wholeOf(page) }),
  })
  return Buffer.from(data, 'base64')
}

/** The page as high as it is. */
async function wholeOf(page: Page) {
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  return { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height, scale: 1 }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { png: { type: 'string' } } })
const folder = values.png
const target = folder ?? join(ROOT, 'docs/images')
mkdirSync(target, { recursive: true })
const demo = await startDemo()
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  for (const shot of SHOTS) {
    if (positionals.length > 0 && !positionals.some((part) => shot.name.includes(part))) continue
    const taken = await take(browser, demo.gate, shot)
    const file = join(target, `${shot.name}.${folder === undefined ? 'webp' : 'png'}`)
    writeFileSync(file, taken)
    console.log(`${file} ${Math.round(taken.length / 1024)} kB`)
  }
} finally {
  await browser.close()
  await demo.stop()
}
