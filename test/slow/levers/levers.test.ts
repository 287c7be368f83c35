import { expect, it } from 'vitest'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

const lines: Readonly<Record<string, unknown>>[] = []
const origin = await startForFile(
  serve((request, response) => {
    const isLive = request.url?.startsWith('/live') === true
    const type = isLive ? 'text/event-stream' : 'text/plain'
    response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=60' })
    if (isLive) response.write('data: 1\n\n')
    else response.end('text')
  }),
)
const gate = await startForFile(
  startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: { ORIGIN_URL: origin.url, TOKEN_SECRET: SECRET },
    onLine: (line) => {
      if (line.startsWith('{"time"')) lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>)
    },
  }),
)

async function tokenOf(claims: object, typ = 'entitlement+jwt'): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const common = { iss: 'https://billing.test', aud: 'https://news.test', sub: 'ann', iat: now - 60, exp: now + 600 }
  return sign(await secretKey(SECRET), { ...common, ...claims }, { typ })
}

async function order(body: object): Promise<number> {
  const operator = await tokenOf({ scope: 'levers' }, 'operator+jwt')
  const headers = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' }
  const response = await fetch(`${gate.url}/__faregate/levers`, { method: 'POST', headers, body: JSON.stringify(body) })
  await response.arrayBuffer()
  return response.status
}

async function statusOf(path: string): Promise<number> {
  const response = await fetch(gate.url + path)
  await response.arrayBuffer()
  return response.status
}

const until = (): string => new Date(Date.now() + 3_600_000).toISOString()

it('a route is open, then closed, then sold as before, in a Worker as it is deployed', async () => {
  expect(await statusOf('/articles/1')).toBe(402)
  expect(await order({ open: { zone: 'news' }, until: until() })).toBe(200)
  await expect.poll(() => statusOf('/articles/1'), { timeout: 20_000 }).toBe(200)
  expect(lines.some(({ exempt, route }) => exempt === 'lever' && route === '/articles/*')).toBe(true)
  expect(await order({ close: { route: '/articles/*' }, until: until() })).toBe(200)
  await expect.poll(() => statusOf('/articles/1'), { timeout: 20_000 }).toBe(503)
  expect(await order({ close: { route: '/articles/*' }, undo: true })).toBe(200)
  expect(await order({ open: { zone: 'news' }, undo: true })).toBe(200)
  await expect.poll(() => statusOf('/articles/1'), { timeout: 20_000 }).toBe(402)
})

it('a stream of a reader who has paid is ended when its route is closed', async () => {
  const response = await fetch(`${gate.url}/live/1`, {
    headers: { authorization: `Bearer ${await tokenOf({ entitlements: ['premium'] })}` },
  })
  expect(response.status).toBe(200)
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('data: 1')
  expect(await order({ close: { route: '/live/*' }, until: until() })).toBe(200)
  let isOver = false
  while (!isOver) isOver = (await reader?.read())?.done !== false
  expect(isOver).toBe(true)
})
