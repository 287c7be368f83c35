import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gate, startGate } from './gate.ts'
import { SECRET } from './origin.ts'
import { READERS, secretReaders, secretReading } from './readers.ts'
import { hostileTargets } from './targets.ts'
import { type Answer, askAll, fieldOf } from './wire.ts'

const targets = hostileTargets()

/** How a request for the target is written. */
function get(target: string, ...fields: string[]): Buffer {
  return Buffer.from([`GET ${target} HTTP/1.1`, 'Host: localhost', ...fields, '', ''].join('\r\n'))
}

/** Spellings that have one reading at most which is not the paid page, and so can be served to whoever pays. */
const ODD = [
  '/articles//1',
  '/articles/./1',
  '/members/',
  '/articles/1.json',
  '/articles/1;x=1',
  '/articles/%31',
  '/articles/1%20',
] as const
/** Spellings that are another page to some server; where that page would be closed, the target is refused as ambiguous. */
const ODD_WHERE_UNMATCHED_IS_FREE = [
  '/ARTICLES/1',
  '/Members',
  '/articles%2f1',
  '/%61rticles/1',
  '/%2561rticles/1',
  '//articles/1',
  '/members%20',
  '/members;x',
  '/articles;x=1/1',
  '/free/../articles/1',
] as const

/** A `Set-Cookie` or `Authorization` field, or anything that begins as a JWT does. */
const CREDENTIAL = /^(?:set-cookie|authorization|faregate-[\w-]+):|eyJ[\w-]{8}/im

/** What the URL parser of the platform makes of it is what it was. */
function isCanonical(target: string): boolean {
  const url = URL.parse(`http://origin${target}`)
  return url !== null && `${url.pathname}${url.search}` === target && !/%(?![0-9A-F]{2})/.test(url.pathname)
}

describe('The list of hostile targets', () => {
  it('has more than 4,800 distinct entries, of which most are the paid page to some reader', () => {
    expect(new Set(targets).size).toBe(targets.length)
    expect(targets.length).toBeGreaterThan(4800)
    const read = targets.filter((target) => secretReading(target) !== undefined)
    expect(read.length).toBeGreaterThan(4800)
  })

  it('gives every reader some target that it alone of many takes for the paid page', () => {
    const found = new Set(targets.flatMap(secretReaders))
    expect(Object.keys(READERS).filter((reader) => !found.has(reader))).toEqual([])
  })
})

describe.each(['free', 'closed'] as const)('Where what no route matches is %s', (unmatched) => {
  let gate: Gate
  let unpaid: readonly (Answer | undefined)[]

  beforeAll(async () => {
    gate = await startGate(unmatched)
    unpaid = await askAll(
      gate.port,
      targets.map((target) => get(target)),
    )
  })
  afterAll(() => gate?.stop())

  it('no spelling of a paid page brings it to a reader who has not paid', () => {
    const leaks = unpaid.flatMap((answer, index) =>
      answer?.body.includes(SECRET) ? [`${targets[index]}: ${answer.body}`] : [],
    )
    expect(leaks).toEqual([])
  })

  it('every target is answered, and none by a fault of the gate', () => {
    const strange = unpaid.flatMap((answer, index) =>
      [200, 400, 402, 403, 421].includes(answer?.status ?? 0) ? [] : [`${targets[index]}: ${answer?.head ?? 'closed'}`],
    )
    expect(strange).toEqual([])
  })

  it('no answer to a reader who has not paid carries a credential', () => {
    const given = unpaid.filter((answer) => answer !== undefined && CREDENTIAL.test(`${answer.head}\n${answer.body}`))
    expect(given).toEqual([])
  })

  it('a refusal is never stored', () => {
    const stored = unpaid.filter((answer) => answer?.status === 402 && fieldOf(answer, 'cache-control') !== 'no-store')
    expect(stored).toEqual([])
  })

  it('the origin gets canonical targets only, and nothing that is not a request', () => {
    expect(gate.origin.arrivals.length).toBeGreaterThan(100)
    expect(gate.origin.arrivals.map(({ target }) => target).filter((target) => !isCanonical(target))).toEqual([])
    expect(gate.origin.strays).toEqual([])
  })

  it('whoever pays is served what was refused for want of payment, by whatever spelling', async () => {
    const refused = targets.filter((_, index) => index % 3 === 0 && unpaid[index]?.status === 402)
    expect(refused.length).toBeGreaterThan(400)
    const paid = await askAll(
      gate.port,
      refused.map((target) => get(target, `Authorization: Bearer ${gate.token}`)),
    )
    expect(refused.filter((_, index) => paid[index]?.status !== 200)).toEqual([])
  })

  it('whoever pays reaches the page by odd spellings too', async () => {
    const odd = [...ODD, ...(unmatched === 'free' ? ODD_WHERE_UNMATCHED_IS_FREE : [])]
    const paid = await askAll(
      gate.port,
      odd.map((target) => get(target, `Authorization: Bearer ${gate.token}`)),
    )
    expect(odd.filter((_, index) => !paid[index]?.body.includes(SECRET))).toEqual([])
  })
})
