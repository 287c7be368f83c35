import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from './bundles.ts'
import { type Running, startAll } from './running.ts'
import { Walker } from './walker.ts'

describe('the demo, in a browser without scripts', () => {
  let all: Running
  let gate: string
  beforeAll(async () => {
    all = await startAll()
    gate = `http://localhost:${new URL(all.gate).port}`
  })
  afterAll(() => all.stop())

  it('signs in who has a subscription', async () => {
    const walker = await new Walker().open(`${gate}/articles/1`)
    await walker.follow('Sign in')
    await walker.press('Sign in', { account: 'reader' })
    expect([walker.url, walker.status]).toEqual([`${gate}/articles/1`, 200])
    expect((await walker.open(`${gate}/api/echo`)).status).toBe(402)
  })

  it.each([
    ['/articles/1', 'Subscribe: Premium'],
    ['/articles/1', 'Buy: This article'],
    ['/api/echo', 'Subscribe: API plan'],
    ['/reports/1', 'Buy: Reports for an hour'],
  ])('sells at %s what opens it: %s', async (path, offer) => {
    const walker = await new Walker().open(`${gate}${path}`)
    await walker.follow(offer)
    await walker.press('Pay by card')
    expect([walker.url, walker.status]).toEqual([`${gate}${path}`, 200])
  })

  it('sells credit, which pays for a report once its reader says so', async () => {
    const walker = await new Walker().open(`${gate}/reports/7`)
    await walker.follow('Buy: Prepaid credit')
    await walker.press('Pay by card', { account: 'saver' })
    expect([walker.url, walker.status]).toEqual([`${gate}/reports/7`, 402])
    expect(walker.text).toContain('$1.00')
    await walker.press(undefined)
    expect([walker.status, walker.text]).toEqual([200, expect.stringContaining('Report 7')])
  })

  it('sells at a report nothing that does not open it', async () => {
    const walker = await new Walker().open(`${gate}/reports/1`)
    expect(walker.text).toContain('Prepaid credit')
    expect(walker.text).not.toContain('API plan')
  })
})

it('the demo with Stripe alone sells, leads to the portal, and ends when it is told to', async () => {
  const args = [join(ROOT, 'demo/stripe/start.ts'), '--port', '0']
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  let gate = ''
  for await (const line of createInterface({ input: child.stdout })) {
    gate = /^Faregate runs at ([^\s,]+)/.exec(line)?.[1] ?? gate
    if (line.startsWith('Ctrl-C ends it')) break
  }
  const walker = await new Walker().open(`${gate}/articles/1`)
  await walker.follow('Buy')
  await walker.press('Pay by card', { email: 'reader@example.com' })
  expect([walker.url, walker.status]).toEqual([`${gate}/articles/1`, 200])
  await walker.open(`${gate}/__faregate/portal`)
  await walker.press('Cancel subscription')
  expect(walker.text).toContain('ends with its period')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
