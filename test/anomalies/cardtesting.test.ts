import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OURS } from '../login/world.ts'
import { CHECKOUT, createCheckouts } from './checkouts.ts'
import { stepsFound } from './gate.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

type Site = ReturnType<typeof createCheckouts>

/** Tries out cards on a trip, one a second. */
async function tryCards(site: Site, reference: string, count: number): Promise<void> {
  for (let tried = 0; tried < count; tried++) {
    expect(await site.says('payment-declined', reference)).toBe(202)
    site.world.now += 1000
  }
  await site.world.settle()
}

/** A token of the shop with a signature that nobody made. */
function invented(index: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: 'https://shop.example', aud: OURS, sub: `reader-${index}`, iat: 1, exp: 2 }
  return `${part({ alg: 'HS256', typ: 'entitlement+jwt' })}.${part(claims)}.${'A'.repeat(43)}`
}

const returnOf = ({ login }: Site): string => `/__faregate/return/ident?state=${login.begun.at(-1)?.state ?? ''}`

describe('a trip on which card after card is declined', () => {
  it('is held, at its beginning and its return, says until when and by which reference, and ends by itself', async () => {
    const site = createCheckouts()
    const { by, reference, status } = await site.begin()
    expect(status).toBe(303)
    const back = returnOf(site)
    await tryCards(site, reference, 8)
    const found = await site.found()
    expect(stepsFound(found)).toEqual(['hold trip by declines: carried-out'])
    const [finding] = found.findings
    expect(finding?.evidence).toMatchObject([{ signal: 'declines', observed: { declines: 8 } }])
    expect(finding?.key).toBe(reference.slice(0, 32))
    await site.world.settle()
    expect(site.heard).toMatchObject([
      {
        kind: 'anomaly',
        facts: { zone: 'news', trip: reference.slice(0, 32) },
        anomaly: { step: 'hold', reference: finding?.reference, evidence: [{ signal: 'declines' }] },
      },
    ])

    for (const path of [CHECKOUT, back]) {
      const refused = await by.open(path)
      const page = await refused.text()
      expect([path, refused.status]).toEqual([path, 402])
      expect(page).toContain('We are checking this purchase')
      expect(page).toContain('ends by itself on')
      expect(page).toContain(finding?.reference)
      expect(page).toContain('https://news.example/support')
    }
    expect(site.login.begun).toHaveLength(1)
    expect(site.login.finished).toHaveLength(0)

    site.world.now += 3_600_000
    site.login.endings.push(site.login.signedIn())
    expect((await by.open(back)).status).toBe(200)
    expect(site.login.finished).toHaveLength(1)
  })

  it('is lifted by an operator, and stands in the way of nobody else', async () => {
    const site = createCheckouts()
    const tester = await site.begin()
    await tryCards(site, tester.reference, 8)
    const [finding] = (await site.found()).findings
    expect((await site.begin()).status).toBe(303)
    expect((await site.begin(tester.by)).status).toBe(402)
    expect(await site.lift(finding?.reference ?? '')).toBe(200)
    expect((await site.begin(tester.by)).status).toBe(303)
  })

  it('is only told where the gate observes', async () => {
    const site = createCheckouts({ mode: 'observe' })
    const { by, reference } = await site.begin()
    await tryCards(site, reference, 8)
    expect(stepsFound(await site.found())).toEqual(['hold trip by declines: nothing'])
    expect((await site.begin(by)).status).toBe(303)
  })

  it('is not held for one decline that the shop tells of twenty times, nor for a mistyped card', async () => {
    const site = createCheckouts()
    const { reference } = await site.begin()
    for (let told = 0; told < 20; told++) await site.says('payment-declined', reference, 'evt-once')
    await tryCards(site, reference, 2)
    expect(stepsFound(await site.found())).toEqual([])
  })

  it('does not go on while it is not known whether it is held', async () => {
    const site = createCheckouts()
    const { by } = await site.begin()
    site.world.now += 3_600_000
    site.world.hasNoBulletin = true
    expect((await site.begin(by)).status).toBe(503)
    site.world.hasNoBulletin = false
    site.world.now += 60_000
    expect((await site.begin(by)).status).toBe(303)
  })
})

describe('a network from which trip after trip is declined', () => {
  /** Five trips, on each of which two cards are declined. */
  async function crowded(site: Site): Promise<void> {
    for (let trip = 0; trip < 5; trip++) {
      const { reference } = await site.begin()
      await site.says('payment-declined', reference)
      await site.says('payment-declined', reference)
    }
    await site.world.settle()
  }

  it('may begin ten new trips a minute; those that are begun go on, and other networks are not slowed', async () => {
    const site = createCheckouts()
    const early = await site.begin()
    await crowded(site)
    expect(stepsFound(await site.found())).toEqual(['slow network by trips: nothing'])
    // An isolate hears of it when it tells of a beginning.
    await site.begin()
    await site.world.settle()
    const begun = await Promise.all(Array.from({ length: 14 }, async () => (await site.begin()).status))
    expect(begun.filter((status) => status === 303)).toHaveLength(10)
    expect(begun.filter((status) => status === 429)).toHaveLength(4)
    const { response } = await site.begin()
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '6'])
    expect((await site.begin(early.by)).status).toBe(303)
    site.from('198.51.100.7')
    expect((await site.begin()).status).toBe(303)
    site.from('203.0.113.9')
    site.world.now += 600_000
    expect((await site.begin()).status).toBe(303)
  })

  it('may begin its ten though a neighbour has used up what credentials may be guessed', async () => {
    const site = createCheckouts()
    await crowded(site)
    await site.begin()
    await site.world.settle()
    const guess = async (_: unknown, index: number): Promise<number> =>
      (await site.world.ask(`${OURS}/articles/1`, { headers: { authorization: `Bearer ${invented(index)}` } })).status
    const guessed = await Promise.all(Array.from({ length: 15 }, guess))
    expect(guessed.filter((status) => status === 429)).toHaveLength(5)
    const begun = await Promise.all(Array.from({ length: 10 }, async () => (await site.begin()).status))
    expect(begun).toEqual(Array.from({ length: 10 }, () => 303))
  })

  it('is not slowed on the day of a launch, when most who begin also pay', async () => {
    const site = createCheckouts()
    for (let trip = 0; trip < 20; trip++) {
      const { reference } = await site.begin()
      if (trip % 3 === 0) await site.says('payment-declined', reference)
      await site.says('payment-succeeded', reference)
    }
    await site.world.settle()
    expect(stepsFound(await site.found())).toEqual([])
  })
})

describe('the reference of a trip', () => {
  it('tells two trips apart, says nothing of the state, and is nowhere without anomalies', async () => {
    const site = createCheckouts()
    const [one, other] = [await site.begin(), await site.begin()]
    expect(one.reference).toMatch(/^[\w-]{32}\.[\w-]{16}$/)
    expect(one.reference.slice(0, 32)).not.toBe(other.reference.slice(0, 32))
    expect(one.reference.slice(33)).toBe(other.reference.slice(33))
    const { state = '' } = site.login.begun[0] ?? {}
    expect(site.world.told.filter((line) => line.startsWith('{')).join('\n')).not.toContain(state)
  })

  it.each([[''], ['x'], [`${'a'.repeat(32)}.`], [`${'a'.repeat(32)}.short`], [7]])('%j is refused', async (trip) => {
    const site = createCheckouts()
    expect(await site.says('payment-declined', trip as string)).toBe(400)
  })
})
