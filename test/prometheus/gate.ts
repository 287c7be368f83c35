import { mkdtempSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { newAccount, secret, signed } from '../../demo/crash-load.ts'
import { bundle } from '../../tools/bundle.ts'
import { freePort, open, shut } from '../../tools/loopback.ts'
import { startWorkerd, type Workerd } from '../../tools/workerd.ts'
import { ROOT } from '../slow/bundles.ts'

export const SECRET = 'a-secret-for-a-scraper-of-32-bytes'

/** A gate that may be killed, and comes back at the same address; and its origin, which holds pages back that are told to wait. */
export interface KilledGate {
  readonly address: string
  readonly url: string
  /** The requests that wait at the origin. */
  readonly waiting: readonly ServerResponse[]
  readonly ask: (path: string, account?: string, headers?: Record<string, string>) => Promise<number>
  readonly scrape: () => Promise<string>
  readonly killAndStart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts it, with credit for the account `ann`. */
export async function startKilledGate(): Promise<KilledGate> {
  const waiting: ServerResponse[] = []
  const origin = createServer((request, response) => {
    if (request.url?.includes('wait') === true) waiting.push(response)
    else response.end('the page')
  })
  const others = createServer((request, response) => request.resume().on('end', () => response.writeHead(204).end()))
  const [originUrl, othersUrl, port] = [await open(origin), await open(others), await freePort()]
  const address = `127.0.0.1:${port}`
  const url = `http://${address}`
  const module = await bundle({ entry: 'demo/crash-sums-worker.ts', outdir: '.faregate/prometheus' })
  const storage = mkdtempSync(join(ROOT, '.faregate/prometheus-'))
  const vars = {
    ORIGIN_URL: originUrl,
    BILLING_URL: `${othersUrl}/billing`,
    SCRIPT_URL: othersUrl,
    TOKEN_SECRET: secret,
    METRICS_SECRET: SECRET,
    GATE_SECRET: `the gate's: ${secret}`,
    USAGE_SECRET: `of usage: ${secret}`,
  }
  const start = (): Promise<Workerd> =>
    startWorkerd({ module, vars, storage, address, objects: { LEDGER: 'Ledger' }, dropsOutput: true })
  let gate = await start()
  await grant(url)
  return {
    address,
    url,
    waiting,
    async ask(path, account, headers = {}) {
      const token = account === undefined ? {} : { authorization: `Bearer ${(await newAccount(account)).token}` }
      const answer = await fetch(url + path, { headers: { ...token, ...headers } })
      await answer.arrayBuffer()
      return answer.status
    },
    async scrape() {
      const answer = await fetch(`${url}/__faregate/metrics`, { headers: { authorization: `Bearer ${SECRET}` } })
      return answer.text()
    },
    async killAndStart() {
      process.kill(gate.pid, 'SIGKILL')
      await gate.exited
      gate = await start()
    },
    async stop() {
      await gate.stop()
      await Promise.all([shut(origin), shut(others)])
    },
  }
}

async function grant(url: string): Promise<void> {
  const authorization = `Bearer ${await signed('operator+jwt', { scope: 'credit' })}`
  const body = JSON.stringify({ account: 'ann', amount: '100', currency: 'USD', id: 'the start' })
  const headers = { authorization, 'content-type': 'application/json' }
  const { ok } = await fetch(`${url}/__faregate/credit`, { method: 'POST', headers, body })
  if (!ok) throw new Error('the credit was not granted')
}
