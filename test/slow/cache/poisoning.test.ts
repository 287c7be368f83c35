import { describe, expect, it } from 'vitest'
import { hostileTargets } from '../attacks/targets.ts'
import { askAll } from '../attacks/wire.ts'
import { get, paying, startGate, token } from './poisoning-gate.ts'
import { cloaked, ignored } from './poisoning-queries.ts'
import { attacks, MARK } from './poisoning-requests.ts'
import { attacking, harmed, page, plain, strikes, visit } from './poisoning-strike.ts'
import { startForFile } from '../startforfile.ts'

const gate = await startForFile(startGate())
const attacker = paying(await token({ account: 'the-attacker' }))
const victim = paying(await token())

const all = attacks()
/** Enough where only the policy of the route differs. */
const some = all.filter((_, index) => index % 4 === 0)

describe('Whoever asks first', () => {
  it('has several hundred ways to ask', () => {
    expect(all.length).toBeGreaterThan(800)
  })

  it.each([
    ['/paid/reflect', all],
    ['/paid/redirect', all],
    ['/paid/error', all],
    ['/paid/act', some],
    ['/plan/reflect', some],
    ['/account/reflect', some],
    ['/private/reflect', some],
  ])('and pays changes nothing of what the next reader of %s gets, whatever he sends', async (under, tried) => {
    expect(await strikes(gate, { attacks: tried, under, attacker, victim })).toEqual([])
  })

  it.each([
    ['/free/reflect', all],
    ['/free/error', all],
    ['/free/act', all],
    ['/free/redirect', some],
    ['/own/reflect', some],
    ['/unnamed/reflect', some],
    ['/listed/reflect', some],
  ])('changes nothing of what the next reader of %s gets, and need not pay for that', async (under, tried) => {
    expect(await strikes(gate, { attacks: tried, under })).toEqual([])
  })

  it('has his answer kept for the next: what is tried here is tried on copies', async () => {
    const strike = { attacks: all, under: '/free/reflect~kept' }
    await askAll(gate.port, attacking(strike))
    const answers = await visit(gate, strike)
    const hits = answers.filter((answer) => answer !== undefined && /^cache-status: faregate; hit/im.test(answer.head))
    expect(hits.length).toBeGreaterThan(all.length * 0.85)
  })

  it('and does not pay has nothing of what he sent in a paid page', async () => {
    expect(await strikes(gate, { attacks: some, under: '/paid/error~unpaid', victim })).toEqual([])
  })

  it('changes by a listed field what others get, as the operator was warned, where the origin does not name it in Vary', async () => {
    await askAll(gate.port, [
      get('/listed/reflect/told', `X-Listed: ${MARK}`),
      get('/listed/vary~x-listed/told', `X-Listed: ${MARK}`),
    ])
    const [after, named] = await askAll(gate.port, [get('/listed/reflect/told'), get('/listed/vary~x-listed/told')])
    expect(after?.body).toContain(`x-listed: ${MARK}`)
    expect(named?.body).not.toContain(MARK)
  })
})

describe('Whoever spells the target differently', () => {
  // Every eighth of the corpus is enough here: each spelling is one page, asked for by two.
  const spellings = hostileTargets().filter((_, index) => index % 8 === 0)

  it('has nothing of that in the page that is asked for plainly', async () => {
    const query = (index: number): string => `n=${String(index).padStart(5, '0')}`
    await askAll(
      gate.port,
      spellings.map((target, index) => get(`${target}${target.includes('?') ? '&' : '?'}${query(index)}`, ...attacker)),
    )
    const answers = await askAll(
      gate.port,
      spellings.map((_, index) => get(`/articles/1?${query(index)}`, ...victim)),
    )
    const wrong = spellings.filter((_, index) => {
      const body = answers[index]?.body ?? ''
      return !body.startsWith(`GET /articles/1?${query(index)}\n`)
    })
    expect(wrong).toEqual([])
    expect(spellings.length).toBeGreaterThan(1400)
  })
})

describe('Whoever cloaks a parameter', () => {
  it.each(['/ignoring/reflect', '/only/reflect', '/free/reflect~query'])(
    'changes nothing of what the next reader of %s gets',
    async (under) => {
      expect(await strikes(gate, { attacks: cloaked(), under })).toEqual([])
    },
  )

  it.each([
    ['/ignoring/reflect~id', '?id=1&b=2'],
    ['/only/reflect~id', '?id=1'],
    ['/free/reflect~id', '?id=1&b=2'],
  ])('below %s changes nothing of what the reader of %s gets', async (under, query) => {
    const strike = { attacks: cloaked(query), under }
    await strikes(gate, strike)
    const answers = await askAll(
      gate.port,
      strike.attacks.map((_, index) => get(`${page(under, index)}${query}`)),
    )
    const [expected] = await askAll(gate.port, [get(`${page(under, 99_998)}${query}`)])
    const wrong = strike.attacks.filter((_, index) => plain(answers[index]) !== plain(expected))
    expect(wrong.map(({ by }) => by)).toEqual([])
    expect(expected?.body).toContain(query)
  })

  it('brings no ignored parameter to the origin, in any spelling', async () => {
    gate.origin.forget()
    await askAll(
      gate.port,
      ignored().map((query, index) => get(`${page('/ignoring/reflect~none', index)}?${query}`)),
    )
    const told = gate.origin.arrivals.map(({ target }) => target).filter((target) => target.includes(MARK))
    expect(told).toEqual([])
    expect(gate.origin.arrivals).toHaveLength(ignored().length)
  })
})

describe('What an attack is measured by', () => {
  it('shows a page that was changed', async () => {
    const strike = { attacks: all.slice(0, 1), under: '/free/reflect~shown' }
    const [changed] = await askAll(gate.port, [get(`${page(strike.under, 0)}?${MARK}`)])
    expect(await harmed(gate, strike, [changed])).toHaveLength(1)
  })
})
