import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { buttonOf, fromItself } from '../operator/desk.ts'
import { createActingSite, type Found, HOME, SITE, stepsFound } from './gate.ts'
import { DAY, HOUR } from './lines.ts'

const warnings: string[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  warnings.length = 0
  vi.spyOn(console, 'warn').mockImplementation((line) => void warnings.push(String(line)))
  vi.spyOn(console, 'error').mockImplementation((line) => void warnings.push(String(line)))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

type Site = ReturnType<typeof createActingSite>

/** Two signals lead to a hold where one alone only slows: a request to sign in would have ended the second. */
const SLOW_ALONE = { act: { hands: 'slow', spend: 'slow' } } as const

/** Has an account held: strangers buy what it never bought. Returns its token and the reference of the hold. */
async function held(site: Site, account = 'ann'): Promise<{ readonly token: string; readonly reference: string }> {
  const token = await site.habitOf(account)
  await site.strangers(token, '/archive/1')
  await site.settle()
  const { findings } = await site.found()
  const reference = findings.find(
    ({ step, disposition }) => step === 'hold' && disposition === 'carried-out',
  )?.reference
  if (reference === undefined) throw new Error(JSON.stringify(findings))
  return { token, reference }
}

/** The sealed order of the button that lifts what was found. */
function liftOf(page: string): string {
  const forms = Array.from(page.matchAll(/<form\b[^]*?<\/form>/g), ([form]) => form)
  return forms.find((form) => form.includes('name="lift"'))?.match(/name="do" value="([^"]+)"/)?.[1] ?? ''
}

/** What a token is answered now. */
async function reads(site: Site, token: string): Promise<string | number> {
  const { status, reason } = await site.ask('/articles/1', token)
  return status === 200 ? status : reason
}

describe('an account that two signals speak against', () => {
  it('is held until a time that it is told, by a reference that operators and billing find, and ends by itself', async () => {
    const site = createActingSite(SLOW_ALONE)
    const { token, reference } = await held(site)
    expect(stepsFound(await site.found())).toEqual([
      'hold account by hands, spend: carried-out',
      'slow account by spend: nothing',
    ])

    const refused = await site.ask('/articles/1', token)
    expect([refused.status, refused.reason]).toEqual([402, 'security-hold'])
    expect(refused.body['detail']).toMatch(/ends by itself/)
    expect(refused.body).not.toHaveProperty('offers')
    expect(refused.headers.get('www-authenticate')).toBeNull()
    expect(await reads(site, await site.token('bob'))).toBe(200)
    // A new token changes nothing.
    site.pass(60)
    expect(await reads(site, await site.token('ann'))).toBe('security-hold')

    const [told, ...others] = site.told
    expect(others).toEqual([])
    expect(told).toMatchObject({
      id: `${reference}/anomaly`,
      kind: 'anomaly',
      facts: { zone: 'news', account: 'ann', issuer: 'https://billing.test' },
      anomaly: {
        step: 'hold',
        reference,
        until: expect.stringMatching(/^\d{4}-/),
        evidence: expect.arrayContaining([
          expect.objectContaining({ signal: 'hands', observed: expect.objectContaining({ networks: 12 }) }),
          expect.objectContaining({ signal: 'spend', usual: expect.objectContaining({ amount: 0.25 }) }),
        ]),
      },
    })

    const looked = await site.order('lookup', 'view', { account: 'ann', reference: refused.body['reference'] })
    expect(looked.status).toBe(200)
    const { account, anomalies } = looked.body as {
      account: { statements: { holds: object[] }; audit: { records: Record<string, unknown>[] } }
      anomalies: Found['findings']
    }
    expect(account.statements.holds).toMatchObject([{ name: `anomaly ${reference}`, until: expect.anything() }])
    expect(account.audit.records[0]).toMatchObject({
      action: 'hold',
      by: 'anomalies',
      request: reference,
    })
    expect(anomalies[0]).toMatchObject({ step: 'hold', reference, disposition: 'carried-out' })
    // The reference of the refused page alone says as much.
    const byReference = await site.order('lookup', 'view', { reference: refused.body['reference'] })
    expect((byReference.body['anomalies'] as Found['findings'])[0]).toMatchObject({ reference })

    site.pass(HOUR)
    expect(await reads(site, token)).toBe(200)
    expect(warnings.join('\n')).not.toMatch(/\bann\b/)
  })

  it('is served again once an operator lifts the hold, and is not held for the same within a week', async () => {
    const site = createActingSite(SLOW_ALONE)
    const { token, reference } = await held(site)
    expect((await site.order('anomalies', 'view', { lift: reference })).status).toBe(403)
    expect(await reads(site, token)).toBe('security-hold')
    const lifted = await site.order('anomalies', 'hold', { lift: reference })
    expect([lifted.status, lifted.body]).toEqual([200, { reference, isHeld: false }])
    expect(await reads(site, token)).toBe(200)
    expect((await site.found()).findings[0]).toMatchObject({ step: 'hold', disposition: 'lifted' })
    // Once is enough.
    expect((await site.order('anomalies', 'hold', { lift: reference })).status).toBe(404)
    site.pass(DAY)
    const tomorrow = await site.token('ann')
    await site.strangers(tomorrow, '/archive/1')
    await site.settle()
    expect(await reads(site, tomorrow)).toBe(200)
    expect(site.told).toHaveLength(1)
  })

  it('is not held for the same within a week either if all holds of the account were lifted by hand', async () => {
    const site = createActingSite(SLOW_ALONE)
    await held(site)
    expect((await site.order('hold', 'hold', { account: 'ann', lift: true })).body).toMatchObject({ isHeld: false })
    expect((await site.found()).findings[0]).toMatchObject({ step: 'hold', disposition: 'lifted' })
    site.pass(DAY)
    await site.strangers(await site.token('ann'), '/archive/1')
    await site.settle()
    expect(await reads(site, await site.token('ann'))).toBe(200)
  })

  it('stays held once an operator confirms it, until it is lifted', async () => {
    const site = createActingSite(SLOW_ALONE)
    const { reference } = await held(site)
    expect((await site.order('anomalies', 'hold', { confirm: reference })).body).toEqual({ reference, isHeld: true })
    site.pass(2 * DAY)
    const token = await site.token('ann')
    expect(await reads(site, token)).toBe('security-hold')
    const refused = await site.ask('/articles/1', token)
    expect(refused.body['detail']).not.toMatch(/by itself/)
    expect((await site.order('anomalies', 'hold', { lift: reference })).status).toBe(200)
    expect(await reads(site, token)).toBe(200)
  })

  it('has buttons on the dashboard for whoever may hold, which do as the orders do', async () => {
    const site = createActingSite(SLOW_ALONE)
    const { token, reference } = await held(site)
    const operator = (scope: string): Promise<string> =>
      site.token('ops', { scope, exp: Math.floor(site.now() / 1000) + 300 }, 'operator+jwt')
    const own = fromItself(SITE)
    const post = async (fields: Record<string, string>, cookie?: string) =>
      site.ask('/__faregate/operator', undefined, HOME, {
        method: 'POST',
        headers: { ...own, ...(cookie !== undefined && { cookie }) },
        body: new URLSearchParams(fields),
      })
    const signedIn = await post({ token: await operator('view') })
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const page = async (): Promise<string> => {
      const answer = await site.ask('/__faregate/operator', undefined, HOME, {
        headers: { cookie, 'sec-fetch-site': 'none' },
      })
      return String(answer.body['text'])
    }
    const shown = await page()
    expect(shown).toContain(`<input type="hidden" name="confirm" value="${reference}">`)
    expect(shown).toMatch(/held, ends /)
    // The page's session may look and no more: the form brings a token of its own.
    const confirming = { do: buttonOf(shown, 'Confirm'), confirm: reference }
    expect((await post({ ...confirming, token: await operator('view') }, cookie)).status).toBe(403)
    expect((await post({ ...confirming, token: await operator('hold') }, cookie)).status).toBe(303)
    site.pass(60)
    expect(await reads(site, token)).toBe('security-hold')
    const confirmed = await page()
    expect(confirmed).toContain('held, and confirmed')
    expect(confirmed).not.toContain('name="confirm"')
    const lifting = { do: liftOf(confirmed), lift: reference, token: await operator('hold') }
    expect((await post(lifting, cookie)).status).toBe(303)
    expect(await reads(site, token)).toBe(200)
    expect(await page()).toContain('held, and lifted')
  })

  it('is lifted and confirmed by its reference alone', async () => {
    const site = createActingSite(SLOW_ALONE)
    const answers = await Promise.all([
      site.order('anomalies', 'hold', { lift: 'no-such' }),
      site.order('anomalies', 'hold', { lift: 'a', confirm: 'b' }),
      site.order('anomalies', 'hold', { lift: 7 }),
      site.order('anomalies', 'hold', {}),
    ])
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 400, 400])
  })

  it('is held once, though the store was down and two ask for it', async () => {
    const site = createActingSite(SLOW_ALONE)
    const token = await site.habitOf('ann')
    await site.strangers(token, '/archive/1', 3)
    site.store.isDown = true
    await site.strangers(token, '/archive/1')
    await site.settle()
    expect(site.told.length).toBeLessThanOrEqual(1)
    site.store.isDown = false
    site.pass(60)
    await site.strangers(token, '/articles/1', 3)
    await site.settle()
    expect(await reads(site, token)).toBe('security-hold')
    expect(site.told).toHaveLength(1)
    expect(stepsFound(await site.found())[0]).toBe('hold account by hands, spend: carried-out')
  })

  it('is asked to sign in where the day has no hold left, and operators are alerted', async () => {
    const site = createActingSite({ ...SLOW_ALONE, hold: { perDay: 1 } })
    await site.habitOf('ann')
    await site.habitOf('bob')
    const [ann, bob] = [await site.token('ann'), await site.token('bob')]
    await site.strangers(ann, '/archive/1')
    await site.settle()
    site.pass(60)
    await site.strangers(bob, '/archive/1')
    await site.settle()
    expect([await reads(site, ann), await reads(site, bob)]).toEqual(['security-hold', 'credential-expired'])
    expect(stepsFound(await site.found())).toContain('ask account by hands, spend: carried-out, over budget')
    expect(site.told.map(({ anomaly }) => anomaly?.step)).toEqual(['hold', 'ask'])
    expect(warnings.filter((line) => line.includes('the holds of the day are used up'))).toHaveLength(1)
    expect(await reads(site, await site.token('cid'))).toBe(200)
  })
})

it('an account that is erased is forgotten by whoever watches', async () => {
  const site = createActingSite(SLOW_ALONE)
  await held(site)
  expect(stepsFound(await site.found())).not.toEqual([])
  const erased = await site.order('erase', 'erase', { account: 'ann', forfeit: true })
  expect([erased.status, erased.body['isErased']]).toEqual([200, true])
  expect((await site.found()).findings).toEqual([])
})

describe('an account that one signal speaks against', () => {
  it('is asked to sign in: what was leaked opens nothing more, and its owner goes on', async () => {
    const site = createActingSite()
    const token = await site.habitOf('ann')
    await site.strangers(token, '/articles/1')
    await site.settle()
    expect(stepsFound(await site.found())).toEqual(['ask account by hands: carried-out'])
    expect(await reads(site, token)).toBe('credential-expired')
    site.pass(5)
    const fresh = await site.token('ann')
    expect(await reads(site, fresh)).toBe(200)
    // Strangers who go on with the old token do not have the owner held.
    await site.strangers(token, '/archive/1', 30)
    await site.settle()
    expect(await reads(site, fresh)).toBe(200)
    expect(stepsFound(await site.found())).toEqual(['ask account by hands: carried-out'])
    expect(site.told.map(({ anomaly }) => anomaly?.step)).toEqual(['ask'])
  })

  it('is not held for what strangers do with a token that has ended', async () => {
    const site = createActingSite()
    const token = await site.habitOf('ann')
    await site.strangers(token, '/archive/1', 20)
    await site.settle()
    expect(stepsFound(await site.found())).toEqual(['ask account by spend: carried-out'])
    expect(await reads(site, await site.token('ann'))).toBe(200)
  })

  it('is only slowed where the policy says so, and served as fast as a person is', async () => {
    const site = createActingSite(SLOW_ALONE)
    const token = await site.habitOf('ann')
    await site.strangers(token, '/articles/1')
    await site.settle()
    const answers = []
    for (let index = 0; index < 70; index++) answers.push(await site.ask('/articles/1', token))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60)
    const last = answers.at(-1)
    expect([last?.status, last?.reason, last?.headers.get('retry-after')]).toEqual([429, 'too-many-requests', '1'])
    expect(await reads(site, await site.token('bob'))).toBe(200)
    site.pass(60)
    expect(await reads(site, token)).toBe(200)
    // It ends after ten minutes.
    site.pass(600)
    const later = []
    for (let index = 0; index < 70; index++) later.push((await site.ask('/articles/1', token)).status)
    expect(new Set(later)).toEqual(new Set([200]))
  })

  it('is not touched by a gate that only observes', async () => {
    const site = createActingSite({ mode: 'observe', ...SLOW_ALONE })
    const token = await site.habitOf('ann')
    await site.strangers(token, '/archive/1')
    await site.settle()
    expect(stepsFound(await site.found())[0]).toBe('hold account by hands, spend: nothing')
    expect(await reads(site, token)).toBe(200)
    expect(site.told).toEqual([])
  })
})
