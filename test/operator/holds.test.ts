import { beforeEach, describe, expect, it } from 'vitest'
import {
  buttonOf,
  createDesk,
  type Desk,
  fromItself,
  linesAbout,
  NEWS,
  OPS,
  optionsOf,
  readerToken,
  staffToken,
} from './desk.ts'

const AT = `${OPS}/__faregate/operator`
const ON_ZONE = `${NEWS}/__faregate/operator`
const ACCOUNT = 'account-5e1f0c2b'

let desk: Desk
beforeEach(() => {
  desk = createDesk(optionsOf({ host: 'ops.site.test' }))
})

/** Places or lifts a hold as a program does. */
async function order(body: Record<string, unknown>, by: Desk = desk): Promise<void> {
  const headers = {
    authorization: `Bearer ${await staffToken('hold', { sub: 'rota' })}`,
    'content-type': 'application/json',
  }
  const done = await by.ask(`${NEWS}/__faregate/hold`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(done.status).toBe(200)
}

async function reads(by: Desk = desk): Promise<number> {
  const headers = { authorization: `Bearer ${await readerToken(ACCOUNT)}` }
  return (await by.ask(`${NEWS}/articles/1`, { headers })).status
}

describe('the holds of a zone', () => {
  it('are shown by hash, with since when and who, and no name is in the page', async () => {
    const cookie = await desk.signIn(OPS, await staffToken('view hold'))
    expect(await desk.page(AT, cookie)).toContain('Nobody is held.')
    await order({ account: ACCOUNT })
    await order({ jti: 'receipt-77aa' })
    const page = await desk.page(AT, cookie)
    expect(page).toMatch(/<th scope="row">account [\w-]{16}<\/th>/)
    expect(page).toMatch(/<th scope="row">token [\w-]{16}<\/th>/)
    expect(page.match(/<td>rota<\/td>/g)).toHaveLength(2)
    expect(page.match(/>Lift<\/button>/g)).toHaveLength(2)
    expect(page).not.toMatch(/5e1f0c2b|77aa/)
    expect(await desk.page(`${AT}?zone=shop`, cookie)).toContain('Nobody is held.')
  })

  it('end by the button, by the code and the record of the order itself', async () => {
    await order({ account: ACCOUNT })
    expect(await reads()).toBe(402)
    const cookie = await desk.signIn(OPS, await staffToken('view hold'))
    const lift = buttonOf(await desk.page(AT, cookie), 'Lift')
    const answer = await desk.post(AT, { do: lift }, { ...fromItself(AT), cookie })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/__faregate/operator?zone=news&did=lift'])
    expect(await reads()).toBe(200)
    expect(linesAbout(desk).at(-1)).toMatchObject({ action: 'lift', by: 'ann', done: true })
    const page = await desk.page(`${AT}?zone=news&did=lift`, cookie)
    expect(page).toContain('<p role="status" class="done">The hold was lifted.</p>')
    expect(page).toContain('Nobody is held.')
    // A second press changes nothing, and the record says who did what.
    expect((await desk.post(AT, { do: lift }, { ...fromItself(AT), cookie })).status).toBe(303)
    const headers = { authorization: `Bearer ${await staffToken('view')}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ account: ACCOUNT })
    const found = await (await desk.ask(`${NEWS}/__faregate/lookup`, { method: 'POST', headers, body })).text()
    const { account } = JSON.parse(found) as {
      account: { audit: { records: { action: string; by: string }[]; chain: string } }
    }
    expect(account.audit.chain).toBe('whole')
    expect(account.audit.records.map(({ action, by }) => `${action} ${by}`)).toEqual(['lift ann', 'hold rota'])
  })

  it('have no button for whoever has not the scope, whatever page the order comes from', async () => {
    await order({ account: ACCOUNT })
    const viewer = await desk.signIn(OPS, await staffToken('view'))
    const page = await desk.page(AT, viewer)
    expect([buttonOf(page, 'Lift'), page.includes('>Lift</button>')]).toEqual(['', false])
    const holder = await desk.signIn(OPS, await staffToken('view hold'))
    const lift = buttonOf(await desk.page(AT, holder), 'Lift')
    expect((await desk.post(AT, { do: lift }, { ...fromItself(AT), cookie: viewer })).status).toBe(400)
    expect(await reads()).toBe(402)
  })

  it('have no button where hold() is not among the endpoints', async () => {
    const { endpoints = [], ...all } = optionsOf({ host: 'ops.site.test' })
    const bare = createDesk({ ...all, endpoints: endpoints.filter(({ path }) => path === 'operator') })
    const page = await bare.page(AT, await bare.signIn(OPS, await staffToken('view hold')))
    expect(page).toContain('Nobody is held.')
    expect(page).not.toContain('Look up')
  })

  it('cannot be lifted by a page of the publisher', async () => {
    await order({ account: ACCOUNT })
    const cookie = await desk.signIn(OPS, await staffToken('view hold'))
    const lift = buttonOf(await desk.page(AT, cookie), 'Lift')
    for (const site of ['same-site', 'cross-site', 'none']) {
      const answer = await desk.post(AT, { do: lift }, { cookie, 'sec-fetch-site': site, origin: NEWS })
      expect(answer.status).toBe(400)
    }
    expect(await reads()).toBe(402)
  })
})

describe('a look-up', () => {
  it('shows how an account stands, holds it, and is in the log', async () => {
    const cookie = await desk.signIn(OPS, await staffToken('view hold'))
    const look = buttonOf(await desk.page(AT, cookie), 'Look up')
    const found = await desk.post(AT, { do: look, account: ACCOUNT, reference: '' }, { ...fromItself(AT), cookie })
    const page = await found.text()
    expect([found.status, page.includes('&quot;statements&quot;')]).toEqual([200, true])
    expect(linesAbout(desk).at(-1)).toMatchObject({ action: 'lookup', by: 'ann' })
    const hold = await desk.post(AT, { do: buttonOf(page, 'Hold') }, { ...fromItself(AT), cookie })
    expect(hold.headers.get('location')).toBe('/__faregate/operator?zone=news&did=hold')
    expect(await reads()).toBe(402)
  })

  it('takes no member that its form has not', async () => {
    const cookie = await desk.signIn(OPS, await staffToken('view hold'))
    const look = buttonOf(await desk.page(AT, cookie), 'Look up')
    const sent = { do: look, account: ACCOUNT, site: 'true', lift: 'true', entitlements: 'premium' }
    expect((await desk.post(AT, sent, { ...fromItself(AT), cookie })).status).toBe(200)
    expect((await desk.post(AT, { do: look }, { ...fromItself(AT), cookie })).status).toBe(400)
    expect((await desk.post(AT, { do: look, reference: 'no reference' }, { ...fromItself(AT), cookie })).status).toBe(
      404,
    )
  })
})

describe("on a zone's host", () => {
  it('the cookie presses nothing: each button asks for a token with its scope', async () => {
    const onZone = createDesk(optionsOf())
    await order({ account: ACCOUNT }, onZone)
    const cookie = await onZone.signIn(NEWS, await staffToken('view hold'))
    const page = await onZone.page(ON_ZONE, cookie)
    const lift = buttonOf(page, 'Lift')
    expect(page).toContain(
      'A token with the scope hold <input name="token" type="password" required autocomplete="off">',
    )
    const press = async (token?: string) =>
      (
        await onZone.post(
          ON_ZONE,
          { do: lift, ...(token !== undefined && { token }) },
          { ...fromItself(ON_ZONE), cookie },
        )
      ).status
    expect(await press()).toBe(401)
    expect(await press('x')).toBe(401)
    expect(await press(await staffToken('view credit'))).toBe(403)
    expect(await press(await readerToken(ACCOUNT))).toBe(401)
    expect(await reads(onZone)).toBe(402)
    expect(await press(await staffToken('hold'))).toBe(303)
    expect(await reads(onZone)).toBe(200)
  })
})

it('the servers of the pool are said to be those of this isolate', async () => {
  const page = await desk.page(AT, await desk.signIn(OPS, await staffToken('view')))
  expect(page).toContain('As this isolate sees them')
  expect(page).toContain('This isolate has called none.')
})
