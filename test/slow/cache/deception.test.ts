import { describe, expect, it } from 'vitest'
import { type Answer, askAll } from '../attacks/wire.ts'
import { deceptions } from './deception-targets.ts'
import { get, paying, startGate, token, written } from './poisoning-gate.ts'
import { startForFile } from '../startforfile.ts'

/** What only the victim's own requests hold. */
const COOKIE = 'a-session-of-the-victim'

const gate = await startForFile(startGate())
const victim = await token()
const other = paying(await token({ account: 'another' }))
const sameZoneTwo = paying(await token({ zone: 'two' }))

const PAGES = ['/account', '/private', '/mine', '/own', '/plan', '/paid', '/free'] as const
const targets = PAGES.flatMap((page) => deceptions(page))

/** Answers in which the victim is. */
function exposed(answers: readonly (Answer | undefined)[], by: string): string[] {
  return answers.flatMap((answer, index) =>
    answer !== undefined && /the-victim|a-session-of/.test(`${answer.head}${answer.body}`)
      ? [`${targets[index % targets.length]} to ${by}: ${answer.body}`]
      : [],
  )
}

const asking = (...fields: readonly string[]): Promise<readonly (Answer | undefined)[]> =>
  askAll(
    gate.port,
    targets.map((target) => get(target, ...fields)),
  )

describe('A page that looks like a file', () => {
  it('shows its reader himself, where its origin is told who he is', async () => {
    const answers = await asking(...paying(victim), `Cookie: session=${COOKIE}`)
    const told = answers.filter((answer) => answer?.body.includes('faregate-subject: "the-victim"'))
    expect(targets.length).toBeGreaterThan(1400)
    expect(told.length).toBeGreaterThan(350)
    expect(answers.filter((answer) => answer?.body.includes(COOKIE)).length).toBeGreaterThan(50)
  })

  it.each([
    ['an anonymous reader', []],
    ['an anonymous reader who asks again', []],
    ['an anonymous reader who takes what is old', ['Cache-Control: max-stale, only-if-cached']],
    ['an anonymous reader who has it revalidated', ['Cache-Control: no-cache']],
    ['an anonymous reader with another cookie', ['Cookie: session=b']],
    ['one who asks for a part', ['Range: bytes=0-400']],
  ])('does not show the first reader to %s', async (by, fields) => {
    expect(exposed(await asking(...fields), by)).toEqual([])
  })

  it('does not show the first reader to another account, nor that account to him or to anyone', async () => {
    expect(exposed(await asking(...other), 'another')).toEqual([])
    expect(exposed(await asking(...other), 'another, again')).toEqual([])
    const own = await asking(...paying(victim))
    expect(own.filter((answer) => answer?.body.includes('"another"'))).toEqual([])
    const anonymous = await asking()
    expect(anonymous.filter((answer) => answer?.body.includes('"another"'))).toEqual([])
  })

  it('does not show the reader of one zone to the same account’s other zone', async () => {
    const answers = await askAll(
      gate.port,
      targets.map((target) => written({ line: `GET ${target}`, host: 'Host: two.localhost', fields: sameZoneTwo })),
    )
    expect(answers.filter((answer) => answer?.body.includes('x-forwarded-host: localhost'))).toEqual([])
  })

  it('is told to keep to itself, wherever it says who reads it', async () => {
    const answers = await asking(...paying(victim))
    const open = answers.flatMap((answer, index) =>
      // Where no copy is made, what the origin says of a free page is its own affair.
      !/mine/i.test(targets[index] ?? '') &&
      answer?.body.includes('faregate-subject:') &&
      !/^cache-control: private\b/im.test(answer.head)
        ? [`${targets[index]}: ${answer.head}`]
        : [],
    )
    expect(open).toEqual([])
  })
})
