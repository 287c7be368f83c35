/**
 * `npm run screenshots`: the pictures of the documentation. Runs the demo on ports of its own, opens its pages in Chromium as readers
 * do, and writes docs/images. `--png <folder>` writes them as PNG elsewhere, to look at; further arguments are parts of names.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { demoVariable } from '../demo/state.ts'
import { bundle } from './bundle.ts'
import { SHOTS, type Shot } from './screenshots/shots.ts'
import { playWeeks } from './weeks/weeks.ts'

const ROOT = join(import.meta.dirname, '..')
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const

interface Demo {
  readonly gate: string
  readonly viewToken: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** The demo after two weeks of traffic. */
async function startWeeks(): Promise<Demo> {
  process.env[demoVariable] ??= 'screenshots'
  const module = await bundle({ entry: 'tools/weeks/worker.ts', outdir: '.faregate/weeks' })
  const storage = mkdtempSync(join(ROOT, '.faregate/weeks-'))
  const weeks = await playWeeks({ module, storage, days: 14, visitsAnHour: 12 })
  return {
    ...weeks,
    async stop() {
      await weeks.stop()
      rmSync(storage, { recursive: true, force: true })
    },
  }
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
    viewToken: () => Promise.reject(new Error('this demo has nothing to show its operators')),
    async stop() {
      child.removeAllListeners('exit')
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function take(browser: Browser, demo: Demo, shot: Shot): Promise<Buffer> {
  const { size, scheme, language = 'en', steps } = shot
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: scheme,
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    javaScriptEnabled: shot.runsScripts ?? false,
  })
  try {
    const page = await context.newPage()
    await steps(page, demo.gate, demo.viewToken)
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
const isWanted = ({ name }: Shot): boolean =>
  positionals.length === 0 || positionals.some((part) => name.includes(part))
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  await takeAll(
    SHOTS.filter(isWanted).filter(({ isOfWeeks }) => isOfWeeks !== true),
    startDemo,
  )
  await takeAll(
    SHOTS.filter(isWanted).filter(({ isOfWeeks }) => isOfWeeks === true),
    startWeeks,
  )
} finally {
  await browser.close()
}

async function takeAll(shots: readonly Shot[], start: () => Promise<Demo>): Promise<void> {
  if (shots.length === 0) return
  const demo = await start()
  try {
    for (const shot of shots) {
      const taken = await take(browser, demo, shot)
      const file = join(target, `${shot.name}.${folder === undefined ? 'webp' : 'png'}`)
      writeFileSync(file, taken)
      console.log(`${file} ${Math.round(taken.length / 1024)} kB`)
    }
  } finally {
    await demo.stop()
  }
}
