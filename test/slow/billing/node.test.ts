import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BillingIssuer, UsageRecord } from '../../../src/billing/index.ts'
import usage from '../../../vectors/usage.json'
import { FILES, gateVerdict } from '../../billing/vectors.ts'
import { createFolder, packaged } from '../docs/compiling.ts'
import { readPage } from '../docs/markdown.ts'

/** What the blocks of docs/billing/node.md export. */
interface PageExports {
  newKeys(): Promise<string>
  rotated(keys: string): Promise<string>
  openBilling(keys: string, clock?: () => number): BillingIssuer
  examples(billing: BillingIssuer): Promise<readonly string[]>
  postEvent(
    site: string,
    token: string,
    options: { attempts: number; sleep: (seconds: number) => Promise<void> },
  ): Promise<{ outcome: string; detail: string }>
  serve(billing: BillingIssuer, secret: string, store: object, request: Request): Promise<Response>
}

let folder: string
let page: PageExports

beforeAll(async () => {
  folder = createFolder()
  const modules: Partial<PageExports>[] = []
  const blocks = readPage('docs/billing/node.md').blocks.filter(({ language }) => language === 'ts')
  for (const [index, { text }] of blocks.entries()) {
    const file = join(folder, `block-${index}.ts`)
    const source = packaged.find(({ name }) => name === 'faregate/billing')?.source ?? ''
    writeFileSync(file, text.replaceAll(`from 'faregate/billing'`, `from '../../${source.replace('./', '')}'`))
    modules.push((await import(pathToFileURL(file).href)) as Partial<PageExports>)
  }
  page = Object.assign({}, ...modules) as PageExports
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A gate that answers with these statuses, and a wait, one after the other. */
async function postTo(answers: readonly (readonly [status: number, wait?: string])[]) {
  const asked: string[] = []
  const waited: number[] = []
  const server = createServer((request, response) => {
    const [status, wait] = answers[asked.length] ?? [500]
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers['content-type'] ?? ''}`)
    request.resume()
    response.writeHead(status, wait === undefined ? {} : { 'retry-after': wait }).end('its words')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const sleep = async (seconds: number): Promise<void> => void waited.push(seconds)
  const options = { attempts: answers.length, sleep }
  const { outcome, detail } = await page.postEvent(`http://127.0.0.1:${port}`, 'the.event.token', options)
  server.close()
  return { outcome, detail, asked, waited }
}

describe('the page for Node', () => {
  const now = FILES['entitlement']?.now ?? 0
  const vectors = Object.values(FILES)
    .filter(({ gate, keys }) => gate.issuers[0].speaksFor === undefined && !('secret' in keys))
    .flatMap((file) =>
      file.vectors.flatMap((vector) => (vector.sign === undefined ? [] : [{ file, vector, sign: vector.sign }])),
    )

  it.each(vectors)('signs what the vector "$vector.name" says', async ({ file, vector, sign }) => {
    const keys = JSON.stringify([{ jwk: file.keys[vector.key ?? ''] }])
    const token = await page.openBilling(keys, () => now * 1000)[sign.method](sign.input)
    expect(await gateVerdict(file, { ...vector, token })).toEqual(vector.verdict)
  })

  it('makes keys and rotates them, and publishes what verifies its examples', async () => {
    const first = await page.newKeys()
    const second = await page.rotated(first)
    const kidsIn = (keys: string): unknown[] => (JSON.parse(keys) as { jwk: JWK }[]).map(({ jwk }) => jwk.kid)
    expect(kidsIn(second)).toEqual([...kidsIn(first), expect.any(String)])
    const billing = page.openBilling(second)
    const jwks = createLocalJWKSet({ keys: [...billing.jwks().keys] })
    for (const token of await page.examples(billing)) {
      expect(decodeProtectedHeader(token).kid).toBe(kidsIn(first)[0])
      await expect(jwtVerify(token, jwks)).resolves.toBeDefined()
    }
  })

  it('posts an event until it is taken, or refused for good', async () => {
    const ask = 'POST /__faregate/events application/secevent+jwt'
    expect(await postTo([[202]])).toMatchObject({ outcome: 'holds', asked: [ask], waited: [] })
    expect(await postTo([[503, '7'], [500], [202]])).toMatchObject({
      outcome: 'holds',
      asked: [ask, ask, ask],
      waited: [7, 2],
    })
    expect(await postTo([[400], [202]])).toMatchObject({ outcome: 'refused', detail: '400: its words', asked: [ask] })
    expect(await postTo([[503], [503]])).toMatchObject({ outcome: 'later', waited: [1] })
  })

  it('serves its key set, its status list and its webhook', async () => {
    const kept = new Map<string, UsageRecord>()
    const store = {
      statuses: async () => new Uint8Array([0, 1, 2]),
      keep: async (record: UsageRecord) => void kept.set(`${record.source} ${record.id}`, record),
    }
    const billing = page.openBilling(await page.newKeys())
    const at = async (path: string, init?: RequestInit): Promise<Response> =>
      page.serve(billing, usage.secret, store, new Request(`https://billing.example.com${path}`, init))
    expect(await (await at('/.well-known/jwks.json')).json()).toEqual(billing.jwks())
    expect((await at('/status/1')).headers.get('content-type')).toBe('application/statuslist+jwt')
    expect((await at('/other')).status).toBe(404)
    // The vectors were signed at another time.
    const [vector] = usage.vectors
    const headers = new Headers(Object.entries(vector?.headers ?? {}))
    expect((await at('/usage', { method: 'POST', headers, body: vector?.body ?? '' })).status).toBe(401)
    expect(kept.size).toBe(0)
    const [seconds, body] = [String(Math.floor(Date.now() / 1000)), vector?.body ?? '']
    const { createHmac } = await import('node:crypto')
    headers.set(
      'faregate-signature',
      `t=${seconds},v1=${createHmac('sha256', usage.secret).update(`${seconds}.${body}`).digest('hex')}`,
    )
    for (let times = 0; times < 2; times++)
      expect((await at('/usage', { method: 'POST', headers, body })).status).toBe(204)
    expect(kept.size).toBe(6)
  })
})
