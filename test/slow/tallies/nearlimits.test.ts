import { describe, expect, it } from 'vitest'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://billing.test'
const LIMITS = [{ name: 'requests', quota: 10, window: 'P1M' }]

interface Line {
  readonly decision: string
  readonly account?: string
  readonly audit?: { readonly action: string; readonly by?: string; readonly done: boolean }
}

const lines: string[] = []
const origin = await startForFile(serve((_request, response) => void response.end('text')))
const gate = await startForFile(
  startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: origin.url,
      TOKEN_SECRET: SECRET,
      METRICS_SECRET: `metrics-${SECRET}`,
      GATE_SECRET: `gate ${SECRET}`,
      ACCOUNT_KEY: `accounts ${SECRET}`,
    },
    onLine: (line) => void lines.push(line),
  }),
)
const logged = (): Line[] => lines.filter((line) => line.startsWith('{"time"')).map((line) => JSON.parse(line) as Line)

async function tokenOf(account: string, more: object, typ: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: 'https://news.test', sub: account, iat: now - 60, exp: now + 600 }
  return sign(await secretKey(SECRET), { ...claims, ...more }, { typ })
}

const operator = (scope: string) => tokenOf('operator-7', { scope }, 'operator+jwt')

async function use(account: string, times: number, price: string): Promise<void> {
  await order('credit', 'credit', { account, amount: price, currency: 'USD', id: account })
  const token = await tokenOf(account, { limits: LIMITS, entitlements: [] }, 'entitlement+jwt')
  for (let count = 0; count < times; count++) {
    const response = await fetch(`${gate.url}/api/1`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(200)
    await response.arrayBuffer()
  }
}

async function order(path: string, scope: string, body: object): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${await operator(scope)}`, 'content-type': 'application/json' }
  const response = await fetch(`${gate.url}/__faregate/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}

const signIn = await fetch(`${gate.url}/__faregate/operator`, {
  method: 'POST',
  redirect: 'manual',
  headers: { 'sec-fetch-site': 'same-origin', origin: gate.url },
  body: new URLSearchParams({ token: await operator('view') }),
})
const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? ''

async function panel(): Promise<string> {
  const page = await fetch(`${gate.url}/__faregate/operator`, { headers: { cookie, 'sec-fetch-site': 'none' } })
  const text = await page.text()
  expect(page.status).toBe(200)
  expect(text).not.toMatch(/near-ann|near-bob|near-eve/)
  return text.slice(text.indexOf('Accounts near a limit')).split('</section>')[0] ?? ''
}

/** Presses the look-up button of a row. */
async function pressLookUp(hash: string, token: string): Promise<{ status: number; text: string }> {
  const sealed = /name="do" value="([^"]+)"/.exec(await panel())?.[1] ?? ''
  const answer = await fetch(`${gate.url}/__faregate/operator`, {
    method: 'POST',
    headers: { cookie, 'sec-fetch-site': 'same-origin', origin: gate.url, accept: 'text/html' },
    body: new URLSearchParams({ do: sealed, hash, token }),
  })
  return { status: answer.status, text: await answer.text() }
}

/** The rows of the panel, cell by cell. */
async function near(): Promise<string[][]> {
  const rows = (await panel()).split('<tbody>')[1]?.split('</tr>').slice(0, -1) ?? []
  return rows.map((row) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g), ([, cell = '']) => cell.replaceAll(/<[^>]*>/g, '')),
  )
}

describe('an account near a limit', () => {
  it('is on the dashboard by its hash, is found by a look-up that is recorded, and is gone once it is erased', async () => {
    expect(await near()).toEqual([])
    await use('near-ann', 9, '1')
    await use('near-bob', 7, '1')
    await use('near-eve', 10, '1')
    await expect
      .poll(async () => (await near()).map((cells) => cells.slice(1, 4)), { timeout: 40_000 })
      .toEqual([
        ['requests', '100 %', '10 a month'],
        ['requests', '90 %', '10 a month'],
      ])
    const [eve, ann] = (await near()).map(([hash = '']) => hash)
    const hashes = new Set(logged().flatMap(({ account, decision }) => (decision === 'serve' ? (account ?? []) : [])))
    expect(hashes).toContain(ann)
    expect(hashes).toContain(eve)

    const seen = lines.length
    const found = await order('lookup', 'view', { hash: ann })
    expect([found.status, JSON.parse(found.text)]).toMatchObject([
      200,
      {
        account: {
          id: 'near-ann',
          issuer: ISSUER,
          audit: { chain: 'whole', records: [{ action: 'lookup', by: 'operator-7' }, { action: 'credit' }] },
        },
      },
    ])
    await expect.poll(() => lines.slice(seen).some((line) => line.includes('"lookup"'))).toBe(true)
    const line = logged().findLast(({ audit }) => audit?.action === 'lookup')
    expect(line).toMatchObject({ account: ann, audit: { by: 'operator-7' } })
    expect(lines.join('\n')).not.toMatch(/near-(?:ann|bob|eve)/)

    expect(await panel()).toContain(`name="hash" value="${eve}" aria-label="Look up account ${eve}"`)
    const pressed = await pressLookUp(eve ?? '', await operator('view'))
    expect([pressed.status, pressed.text.includes('&quot;id&quot;: &quot;near-eve&quot;')]).toEqual([200, true])
    await expect.poll(() => logged().filter(({ audit }) => audit?.action === 'lookup')).toHaveLength(2)
    expect(logged().findLast(({ audit }) => audit?.action === 'lookup')).toMatchObject({ account: eve })
    for (const [hash, token, status] of [
      [eve, '', 401],
      [eve, await operator('hold'), 403],
      ['', await operator('view'), 400],
      ['0123456789abcdef', await operator('view'), 404],
    ] as const)
      expect((await pressLookUp(hash ?? '', token)).status, `${hash} ${status}`).toBe(status)

    expect((await order('erase', 'erase', { account: 'near-ann', forfeit: true })).status).toBe(200)
    expect((await near()).map(([hash]) => hash)).toEqual([eve])
    expect((await order('lookup', 'view', { hash: ann })).status).toBe(404)
  }, 120_000)

  it.each<[string, string, object, number]>([
    ['who may not look', 'credit', { hash: 'AAAAAAAAAAAAAAAA' }, 403],
    ['who asks for nobody', 'view', { hash: 'AAAAAAAAAAAAAAAA' }, 404],
    ['who asks for no hash', 'view', { hash: 'near-eve' }, 400],
    ['who names an account beside it', 'view', { hash: 'AAAAAAAAAAAAAAAA', account: 'near-eve' }, 400],
  ])('is not told to an operator %s', async (_, scope, body, status) => {
    expect((await order('lookup', scope, body)).status).toBe(status)
  })

  it('is not told to the cookie that opens the page', async () => {
    const asked = { method: 'POST', body: JSON.stringify({ hash: 'AAAAAAAAAAAAAAAA' }) }
    const headers = { cookie, 'sec-fetch-site': 'same-origin', origin: gate.url, 'content-type': 'application/json' }
    expect((await fetch(`${gate.url}/__faregate/lookup`, { ...asked, headers })).status).toBe(401)
  })
})
