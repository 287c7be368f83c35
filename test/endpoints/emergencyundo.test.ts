import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmergency, ISSUER } from './emergencyworld.ts'

const NOON = Date.parse('2026-11-28T12:00:00Z')
const DAY_MS = 86_400_000

beforeEach(() => {
  vi.useFakeTimers({ now: NOON, toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passes = (ms: number): void => void vi.setSystemTime(Date.now() + ms)
const EUR = (amount: string) => ({ 'credit-granted': { amount, currency: 'EUR' } })

interface Listed {
  readonly events: readonly Record<string, unknown>[]
  readonly next?: string
}

/** A site whose stolen key gave ann and bob credit, and lifted the hold of eve. */
async function robbed() {
  const world = await createEmergency()
  const { isolate, stolen, honest, tokens, thumbprint } = world
  const gate = isolate()
  const thief = tokens(stolen)
  const taken = async (token: string): Promise<void> => expect((await gate.event(token)).status).toBe(202)
  await taken(await tokens(honest).event('paid', EUR('2')))
  await gate.order('hold', { account: 'eve' })
  passes(1000)
  await taken(await thief.event('t-1', EUR('5')))
  await taken(await thief.event('t-2', EUR('7'), 'bob'))
  passes(1000)
  await taken(await thief.event('t-3', { 'hold-lifted': {} }, 'eve'))
  await taken(await thief.event('t-4', { 'standing-changed': { standing: 'active' } }, 'eve'))
  // A second lift lifts nothing, and the id of an honest event grants nothing.
  await taken(await thief.event('t-5', { 'hold-lifted': {} }, 'eve'))
  await taken(await thief.event('paid', EUR('2')))
  const named = await thumbprint(stolen)
  const list = async (body: object = {}) =>
    (await gate.order('emergency', { events: named, ...body })).body as unknown as Listed
  const undo = async (body: object = {}) => {
    const { status, body: answer } = await gate.order('emergency', { undo: named, ...body })
    return { status, ...(answer as unknown as Listed) }
  }
  const creditOf = async (account: string): Promise<unknown> => {
    const shown = await gate.ask('/__faregate/account', await tokens(honest).entitlement({ sub: account }))
    const { account: view } = shown.body as { account: { credit: { amount: string }[] } }
    return view.credit.map(({ amount }) => amount)
  }
  const isOpen = async (account: string): Promise<boolean> => {
    const [status] = await gate.statuses([await tokens(honest).entitlement({ sub: account })])
    return status === 200
  }
  return { ...world, gate, named, list, undo, creditOf, isOpen }
}

describe('what a stolen key signed as events', () => {
  it('is listed with its accounts, from a time on', async () => {
    const { list, thumbprint, honest, gate } = await robbed()
    const { events, next } = await list()
    expect(next).toBeUndefined()
    expect(events.map(({ id, account, states, liftedHolds }) => [id, account, states, liftedHolds])).toEqual([
      ['paid', 'ann', ['credit 2 EUR'], 0],
      ['t-1', 'ann', ['credit 5 EUR'], 0],
      ['t-2', 'bob', ['credit 7 EUR'], 0],
      ['t-3', 'eve', ['hold-lifted'], 1],
      ['t-4', 'eve', ['standing active'], 0],
      ['t-5', 'eve', ['hold-lifted'], 0],
    ])
    expect(events[1]).toMatchObject({ issuer: ISSUER, time: { at: '2026-11-28T12:00:01.000Z' } })
    const since = await list({ since: '2026-11-28T12:00:02Z' })
    expect(since.events.map(({ id }) => id)).toEqual(['paid', 't-3', 't-4', 't-5'])
    const other = await gate.order('emergency', { events: await thumbprint(honest) })
    expect(other.body).toMatchObject({ events: [{ id: 'paid' }] })
  })

  it('hid behind the id of another event', async () => {
    const { gate, list, undo, named, creditOf, tokens, stolen } = await robbed()
    const thief = tokens(stolen)
    expect((await gate.event(await thief.event('t-1', EUR('90'), 'mallory'))).status).toBe(202)
    expect((await gate.event(await thief.event('t-1', EUR('90'), 'mallory'))).status).toBe(202)
    expect((await gate.event(await thief.event('t-1', EUR('80'), 'moe'))).status).toBe(202)
    const of = async (account: string) => (await list()).events.filter((event) => event['account'] === account)
    expect(await of('mallory')).toMatchObject([{ id: 't-1', states: ['credit 90 EUR'] }])
    expect(await of('moe')).toMatchObject([{ id: 't-1', states: ['credit 80 EUR'] }])
    await gate.order('emergency', { distrust: named })
    await undo()
    expect([await creditOf('mallory'), await creditOf('moe'), await creditOf('bob')]).toEqual([['0'], ['0'], ['0']])
  })

  it('was not listed if it gave charges back', async () => {
    const { gate, list, stolen } = await robbed()
    await gate.order('credit', { account: 'ann', charge: 'c-1' }, stolen)
    const { events } = await list()
    expect(events.find((event) => String(event['states']).startsWith('reverse'))).toMatchObject({
      account: 'ann',
      states: ['reverse c-1'],
    })
  })

  it('was listed if it took credit, which undoing leaves to a person', async () => {
    const { gate, list, undo, named, creditOf, tokens, stolen } = await robbed()
    const taken = { 'credit-taken': { amount: '1', currency: 'EUR', grant: 'paid' } }
    expect((await gate.event(await tokens(stolen).event('t-9', taken))).status).toBe(202)
    await gate.order('credit', { account: 'bob', take: true, amount: '3', currency: 'EUR', id: 't-10' }, stolen)
    const { events } = await list()
    const states = events.flatMap((event) => event['states'])
    expect(states).toEqual(expect.arrayContaining(['take credit 1 EUR', 'take credit 3 EUR']))
    await gate.order('emergency', { distrust: named })
    await undo()
    expect([await creditOf('ann'), await creditOf('bob')]).toEqual([['1'], ['0']])
  })

  it('is undone once the key is distrusted: credit that is left is taken back, and holds are placed again', async () => {
    const { undo, gate, named, creditOf, isOpen } = await robbed()
    expect(await undo()).toMatchObject({ status: 409 })
    expect(await creditOf('ann')).toEqual(['7'])
    expect(await isOpen('eve')).toBe(true)
    await gate.order('credit', { account: 'bob', amount: '1', currency: 'EUR', id: 'gift' })
    await gate.order('emergency', { distrust: named })
    const { status, events } = await undo()
    expect(status).toBe(200)
    expect(Object.fromEntries(events.map(({ id, undone }) => [id, undone]))).toMatchObject({
      't-1': { credit: [{ taken: { amount: '5' }, spent: { amount: '0' } }], holds: 0 },
      't-2': { credit: [{ taken: { amount: '7' }, spent: { amount: '0' } }], holds: 0 },
      't-3': { credit: [], holds: 1 },
      // The grant of this id was another key's.
      paid: { credit: [], holds: 0 },
    })
    expect([await creditOf('ann'), await creditOf('bob')]).toEqual([['2'], ['1']])
    expect(await isOpen('eve')).toBe(false)
  })

  it('is undone once, whoever asks again, and a lift since then stays', async () => {
    const { undo, list, gate, named, creditOf, isOpen } = await robbed()
    await gate.order('emergency', { distrust: named })
    await undo()
    passes(1000)
    await gate.order('hold', { account: 'eve', lift: true })
    await gate.order('credit', { account: 'ann', amount: '9', currency: 'EUR', id: 'paid-later' })
    expect(await undo()).toMatchObject({ status: 200, events: [] })
    expect([await creditOf('ann'), await isOpen('eve')]).toEqual([['11'], true])
    const { events } = await list()
    expect(events.find(({ id }) => id === 't-1')).toMatchObject({ undone: { credit: [{ taken: { amount: '5' } }] } })
  })

  it('leaves no account below zero, and says what was spent', async () => {
    const { undo, gate, named, creditOf, tokens, honest } = await robbed()
    const bob = await tokens(honest).entitlement({ sub: 'bob' })
    expect((await gate.ask('/sold', bob)).status).toBe(200)
    await gate.order('emergency', { distrust: named })
    const { events } = await undo()
    expect(events.find(({ id }) => id === 't-2')).toMatchObject({
      undone: { credit: [{ taken: { amount: '6.5' }, spent: { amount: '0.5' } }] },
    })
    expect(await creditOf('bob')).toEqual(['0'])
    expect((await gate.ask('/sold', bob)).status).toBe(402)
  })

  it('is recorded in the audits of account and site, with the key and the event', async () => {
    const { undo, gate, named, platform, operator, thumbprint } = await robbed()
    await gate.order('emergency', { distrust: named })
    await undo()
    const ofAnn = platform.ledgers?.(`account ${JSON.stringify(['news', ISSUER, 'ann'])}`, {})
    const audit = await ofAnn?.order('audit', { most: 10 })
    expect(audit).toMatchObject({
      value: {
        records: [
          { action: 'event', facts: { event: 'paid' } },
          { action: 'event', signedBy: named, facts: { event: 't-1' } },
          { action: 'undo', signedBy: await thumbprint(operator), facts: { event: 't-1', key: named } },
        ],
      },
    })
    const ofSite = await platform.bulletins?.('news', {}).order('audit', { most: 10 })
    expect(ofSite).toMatchObject({
      value: { records: [{ action: 'distrust' }, { action: 'undo', facts: { undone: 4 } }] },
    })
  })

  it('is listed and undone page by page, and orders of a stolen operator’s key with it', async () => {
    const { isolate, stolen, honest, tokens, thumbprint } = await createEmergency()
    const gate = isolate()
    const named = await thumbprint(stolen)
    for (let n = 0; n < 9; n++) {
      await gate.event(await tokens(stolen).event(`t-${n}`, EUR('1'), `account-${n}`))
      await gate.order('credit', { account: `ops-${n}`, amount: '1', currency: 'EUR', id: `i-${n}` }, stolen)
    }
    await gate.event(await tokens(honest).event('paid', EUR('2')))
    await gate.order('emergency', { distrust: named })
    const seen: unknown[] = []
    let after: string | undefined
    let pages = 0
    do {
      const { body } = await gate.order('emergency', { undo: named, ...(after && { after }) })
      const page = body as unknown as Listed
      seen.push(...page.events.map(({ account }) => account))
      after = page.next
      pages += 1
    } while (after !== undefined)
    expect([new Set(seen).size, seen.length, pages]).toEqual([18, 18, 3])
    expect(seen).not.toContain('ann')
  })

  it('is forgotten after thirty-five days', async () => {
    const { list, platform, isolate, operator, named } = await robbed()
    passes(35 * DAY_MS)
    expect((await list()).events).toHaveLength(6)
    passes(DAY_MS)
    await platform.ring()
    const listed = await isolate().order('emergency', { events: named }, operator)
    expect(listed.body).toEqual({ events: [] })
  })

  it.each([
    [{ events: 'abc' }],
    [{ since: '2026-11-28T12:00:00Z' }],
    [{ events: 'A'.repeat(43), since: 'noon' }],
    [{ events: 'A'.repeat(43), after: 'there' }],
    [{ events: 'A'.repeat(43), undo: 'A'.repeat(43) }],
  ])('is not to be had by %j', async (body) => {
    const { isolate } = await createEmergency()
    expect((await isolate().order('emergency', body)).status).toBe(400)
  })
})
