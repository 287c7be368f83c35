import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { chargeCommand } from '../ledger/isolate.ts'
import { AccountWorld, BROWSER, type Facts } from './world.ts'

const PAGE = '/__faregate/account'

let parties: Parties
let world: AccountWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new AccountWorld(parties)
})
afterEach(() => vi.restoreAllMocks())

/** What a reader reads: the text of a page, without its style. */
async function wordsOf(response: Response): Promise<string> {
  const text = await response.text()
  return text.replaceAll(/<style>[\s\S]*?<\/style>|<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
}

describe('the account page', () => {
  it('says what programs are answered: limits, credit, thirty days, charges with their references', async () => {
    await world.grant(20)
    await world.spend(2, 3)
    const page = await world.open(PAGE)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const html = await page.clone().text()
    const words = await wordsOf(page)
    const facts = await world.facts()
    expect(facts.account.limits.map(({ usage }) => usage)).toMatchObject([{ used: '5' }, { used: '2' }])
    expect(words).toContain('5 of 100 page views used')
    expect(words).toContain('2 of 3 pages used')
    expect(facts.account.credit).toEqual([{ amount: '16.25', currency: 'EUR' }])
    expect(words).toContain('Left: €16.25')
    expect(words).toContain('€3.75 in 30 days, on 1 of them.')
    expect(html.match(/<rect /g)).toHaveLength(1)
    expect(words).toContain(`${facts.account.charges.total} charges so far.`)
    for (const { id } of facts.account.charges.last) expect(html).toContain(`?reference=${id}`)
  })

  it('is stored nowhere, loads nothing, runs no script, and depends on language and cookie', async () => {
    const page = await world.open(PAGE, { 'accept-language': 'de' })
    const { headers } = page
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-language')).toBe('de')
    expect(headers.get('vary')).toBe('Accept, Accept-Language, Authorization, Cookie')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+ 'sha256-\S+; form-action 'self'/,
    )
    expect(headers.get('content-security-policy')).not.toMatch(/script-src|unsafe/)
    const html = await page.text()
    expect(html).not.toMatch(/<script| style="| on[a-z]+="/)
    expect(html).toContain('Ihr Konto')
  })

  it('shows nothing of the account if another site has led there, and the way on', async () => {
    const page = await world.open(PAGE, { 'sec-fetch-site': 'cross-site' })
    expect(page.status).toBe(401)
    const html = await page.text()
    expect(html).not.toContain('ann')
    expect(html).toContain('href="/__faregate/account">Show my account')
  })

  it('asks whoever is not signed in to do so, and takes an API key', async () => {
    const page = await world.ask(PAGE, { headers: BROWSER })
    expect(page.status).toBe(401)
    const html = await page.text()
    expect(html).toContain('href="https://news.example/login?to=https%3A%2F%2Fnews.example%2F__faregate%2Faccount"')
    expect(html).toContain('<form method="post" action="/__faregate/account">')
  })

  it('says an ended sign-in in the words of its refusal', async () => {
    const token = await world.token({ exp: Math.floor(world.now / 1000) - 60 })
    const page = await world.open(PAGE, {}, token)
    expect(page.status).toBe(402)
    expect(await wordsOf(page)).toContain('Please sign in again')
  })

  it.each([
    [
      'past-due',
      { kind: 'standing', standing: 'past-due' },
      'Your last payment did not go through',
      'https://billing.example/portal',
    ],
    ['on hold', { kind: 'hold', isLifted: false }, 'We are checking this account', 'https://news.example/help'],
  ])('shows an account that is %s: why, and what cures it', async (_how, statement, heading, cure) => {
    await world.grant(5)
    await world.tell(statement)
    const page = await world.open(PAGE)
    expect(page.status).toBe(200)
    const html = await page.clone().text()
    const words = await wordsOf(page)
    expect(words).toContain(heading)
    expect(html).toContain(cure)
    expect(words).toContain('Left: €5.00')
    expect(words).toMatch(/reference: urn:uuid:/)
    expect(html).not.toContain('class="offers"')
  })

  it.each([
    ['en', '1 charge so far.', '1 page view'],
    ['de', 'Bisher 1 Buchung.', '1 Seitenaufruf'],
  ])('says one of something in the singular: %s', async (language, total, view) => {
    await world.spend(1, 0)
    const words = await wordsOf(await world.open(PAGE, { 'accept-language': language }))
    expect(words).toContain(total)
    expect(words).toMatch(new RegExp(`${view}\\s`))
    expect(words).toMatch(/ \/archive\/ /)
    expect(words).not.toContain('*')
  })

  it('shows an account that is over its quota', async () => {
    await world.spend(4, 0)
    expect(await wordsOf(await world.open(PAGE))).toContain('3 of 3 pages used')
  })

  it('says that facts cannot be read while the ledger is down, and shows none as nothing', async () => {
    await world.grant(5)
    await world.spend(1, 1)
    world.isDown = true
    const page = await world.open(PAGE)
    const [html, words] = [await page.clone().text(), await wordsOf(page)]
    expect(page.status).toBe(200)
    expect(words.match(/Cannot be read right now/g)?.length).toBeGreaterThanOrEqual(5)
    expect(html).not.toMatch(/<meter|<rect/)
    expect(words).not.toMatch(/There is no credit|There are no charges|Nothing was charged/)
    const { account } = await world.facts()
    expect([account.credit, account.spend, account.charges, account.keys]).toEqual(Array(4).fill('unavailable'))
  })

  it('hides everything of an account whose token was revoked', async () => {
    await world.grant(5)
    await world.spend(0, 1)
    await world.tell({ kind: 'tokens-revoked', at: world.now / 1000 + 1 })
    const page = await world.open(PAGE)
    expect(await page.text()).not.toMatch(/€|<rect|\?reference=/)
  })

  it('shows API keys with the day of their last use', async () => {
    const key = await world.key()
    expect((await world.ask('/archive/1', { headers: { authorization: `Bearer ${key}` } })).status).toBe(200)
    const words = await wordsOf(await world.open(PAGE))
    expect(words).toContain('build server January 15, 2027')
    expect((await world.facts()).account.keys).toMatchObject([{ name: 'build server', lastUsed: '2027-01-15' }])
    expect(words).not.toContain(key)
  })

  it('is answered without a body to HEAD', async () => {
    const headers = { ...BROWSER, cookie: `__Host-faregate=${await world.token()}` }
    const page = await world.ask(PAGE, { method: 'HEAD', headers })
    expect([page.status, await page.text()]).toEqual([200, ''])
  })
})

describe('a reference', () => {
  it('of a charge of the account is told', async () => {
    await world.grant(5)
    const [charge] = await world.spend(0, 1)
    const words = await wordsOf(await world.open(`${PAGE}?reference=${charge}`))
    expect(words).toMatch(/Charge of January 15, 2027 at .* for \/dear\/: €1\.25, charged\./)
    expect(words).toContain(charge ?? 'none')
    expect((await world.facts(`?reference=${charge}`)).reference).toMatchObject({
      kind: 'charge',
      charge: { id: charge },
    })
  })

  it('of a page that did not open is told, as the refusal showed it', async () => {
    const refused = await world.ask('/api/1', { headers: { authorization: `Bearer ${await world.token()}` } })
    const { reference } = (await refused.json()) as { reference: string }
    const words = await wordsOf(await world.open(`${PAGE}?reference=${encodeURIComponent(reference)}`))
    expect(words).toContain('this page did not open: /api/. Nothing was charged.')
  })

  it('of another account is answered as one that never was', async () => {
    await world.grant(5)
    const [charge] = await world.spend(0, 1)
    const refused = await world.ask('/api/1', { headers: { authorization: `Bearer ${await world.token()}` } })
    const { reference } = (await refused.json()) as { reference: string }
    const other = await world.token({ sub: 'bob' })
    for (const one of [charge, reference, crypto.randomUUID(), 'no reference', `urn:uuid:${crypto.randomUUID()}`]) {
      world.now += 10_000
      const facts: Facts = await world.facts(`?reference=${encodeURIComponent(one ?? '')}`, other)
      expect(facts.reference).toEqual({ kind: 'unknown' })
    }
  })
})

describe('the charges as CSV', () => {
  it('have the sums of the ledger', async () => {
    await world.grant(20)
    await world.spend(3, 4)
    const file = await world.open(`${PAGE}?format=csv`)
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="charges.csv"')
    const [head, ...lines] = (await file.text()).trimEnd().split('\r\n')
    expect(head).toBe('charge,time,method,route,state,delivery,currency,amount,units')
    const snapshot = await world.ledger.read({})
    const totals = snapshot.ok ? snapshot.value.totals : undefined
    const cells = lines.map((line) => line.split(','))
    expect(lines).toHaveLength(totals?.charges ?? 0)
    const paid = cells.reduce((sum, [, , , , , , , amount]) => sum + Number(amount || 0), 0)
    expect(BigInt(Math.round(paid * 1e9))).toBe(totals?.money[0]?.units)
    const units = cells.flatMap((line) => line[8]?.split(' ') ?? []).filter((one) => one.startsWith('archive='))
    expect(units).toHaveLength(3)
  })

  it('are longer than a page of the ledger', async () => {
    const one = { units: 1n, currency: 'EUR' }
    await world.grant(1)
    for (let at = 0; at < 501; at++) {
      const command = chargeCommand({ price: one, facts: { route: '=1+1, "x"' } })
      await world.ledger.charge({ ...command, id: `charge-${at}` })
    }
    const text = await (await world.open(`${PAGE}?format=csv`)).text()
    const ids = text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0])
    expect([ids.length, new Set(ids).size]).toEqual([501, 501])
    expect(text).toContain(`,"'=1+1, ""x""",`)
  })

  it('are 503 while the ledger is down, and nothing from another site', async () => {
    expect((await world.open(`${PAGE}?format=csv`, { 'sec-fetch-site': 'cross-site' })).status).toBe(401)
    world.isDown = true
    expect((await world.open(`${PAGE}?format=csv`)).status).toBe(503)
  })
})

describe('a pasted API key', () => {
  /** Returns the cookie that keeps a key. */
  async function paste(key: string): Promise<string> {
    const answer = await world.post(PAGE, { key: ` ${key}\n` })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, PAGE])
    const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';')
    expect(answer.headers.getSetCookie()[0]).toMatch(/Max-Age=900; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    expect(cookie).not.toContain(key)
    return cookie
  }

  it('shows its account for fifteen minutes, on pages of the site alone, and opens nothing else', async () => {
    const key = await world.key()
    const cookie = await paste(key)
    const own = { headers: { ...BROWSER, cookie } }
    expect(await wordsOf(await world.ask(PAGE, own))).toMatch(/Account ann .*build server/)
    expect((await world.ask('/archive/1', own)).status).toBe(402)
    expect((await world.ask('/__faregate/feeds', own)).status).toBe(401)
    const foreign = { headers: { ...BROWSER, cookie, 'sec-fetch-site': 'cross-site' } }
    expect(await (await world.ask(PAGE, foreign)).text()).not.toContain('build server')
    world.now += 900_000
    expect((await world.ask(PAGE, own)).status).toBe(401)
  })

  it('is forgotten by a button', async () => {
    const cookie = await paste(await world.key())
    const answer = await world.post(PAGE, { forget: '1' }, { cookie })
    expect([answer.status, answer.headers.getSetCookie()[0]]).toEqual([303, expect.stringContaining('Max-Age=0')])
  })

  it.each([
    ['empty', ''],
    ['no key', 'not a key'],
    ['invented', 'fg_live_invented'],
    ['endless', 'x'.repeat(3000)],
  ])('that is %s opens no account, and leaves no cookie', async (_what, key) => {
    const answer = await world.post(PAGE, { key })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
    expect(await wordsOf(answer)).toContain('This key opens no account here.')
  })

  it('is not taken from a form of another site', async () => {
    const fields = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const answer = await world.post(PAGE, { key: await world.key() }, fields)
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
  })

  it('is in no line of the log, and in no cookie of the origin', async () => {
    const key = await world.key()
    world.forget()
    const cookie = await paste(key)
    await world.ask(PAGE, { headers: { ...BROWSER, cookie } })
    await world.ask('/archive/1', { headers: { cookie, authorization: `Bearer ${await world.token()}` } })
    expect(world.received).toHaveLength(1)
    expect(world.received[0]?.headers.get('cookie')).toBeNull()
    expect(world.everything()).not.toContain(key)
  })
})
