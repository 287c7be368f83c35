import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gate, startGate } from './gate.ts'
import { ordinaryPaths, paidPaths } from './ordinary.ts'
import { SECRET } from './origin.ts'
import { askAll } from './wire.ts'

const paths = ordinaryPaths()

function get(target: string, ...fields: string[]): Buffer {
  return Buffer.from([`GET ${target} HTTP/1.1`, 'Host: localhost', ...fields, '', ''].join('\r\n'))
}

/** The targets that are not answered with the page, each with the status instead. */
async function refusals(gate: Gate, targets: readonly string[]): Promise<readonly string[]> {
  const answers = await askAll(
    gate.port,
    targets.map((target) => get(target)),
  )
  return targets.flatMap((target, index) => {
    const answer = answers[index]
    return answer?.status === 200 ? [] : [`${answer?.status} ${target.slice(0, 120)} ${answer?.body ?? ''}`]
  })
}

it('The list of ordinary URLs has at least five hundred free ones, and fifty that are paid for', () => {
  expect(new Set(paths).size).toBeGreaterThanOrEqual(500)
  expect(new Set(paidPaths()).size).toBeGreaterThanOrEqual(50)
})

describe.each(['free', 'closed'] as const)('Where what no route matches is %s', (unmatched) => {
  let gate: Gate

  beforeAll(async () => {
    gate = await startGate(unmatched)
  })
  afterAll(() => gate?.stop())

  it('no ordinary URL that anyone may read is refused', async () => {
    const folders = unmatched === 'free' ? ['/free/', '/', '/blog/'] : ['/free/']
    const targets = folders.flatMap((folder) => paths.map((path) => `${folder}${path}`))
    expect(await refusals(gate, targets)).toEqual([])
  })

  it('what the origin gets still means what was asked for', async () => {
    const named = paths.filter((path) => !path.includes('?') && !path.includes('#'))
    gate.origin.forget()
    await refusals(
      gate,
      named.map((path) => `/free/${path}`),
    )
    const arrived = new Set(gate.origin.arrivals.map(({ target }) => decodeURIComponent(target)))
    expect(named.filter((path) => !arrived.has(`/free/${decodeURIComponent(path)}`))).toEqual([])
  })

  it('whoever pays reads every ordinary URL of a paid page', async () => {
    const targets = paidPaths()
    const answers = await askAll(
      gate.port,
      targets.map((target) => get(target, `Authorization: Bearer ${gate.token}`)),
    )
    expect(
      targets.filter((_, index) => answers[index]?.status !== 200 || !answers[index].body.includes(SECRET)),
    ).toEqual([])
  })
})
