import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ask, askFound, at, type From, operator, started, tokenOf } from './site.ts'

const [watched, unwatched] = [await started('yes'), await started('no')]

interface Found {
  readonly mode: string
  readonly dropped: number
  readonly findings: readonly {
    readonly step: string
    readonly suspect: string
    readonly key: string
    readonly isActed: boolean
    readonly reference?: string
    readonly evidence: readonly { readonly signal: string; readonly observed: object; readonly usual: object }[]
  }[]
}

const NETWORKS = 15
/** So many that there are thirty within one minute, wherever it begins. */
const GUESSES = 60
const GUESSER: From = { address: '203.0.113.9', asn: 64_500, country: 'FR' }
const INVENTED = Array.from({ length: GUESSES }, (_, index) =>
  createHash('sha256').update(`${index}`).digest('base64url'),
)

describe('a gate that watches', () => {
  it('finds a token in many hands, and who guesses, and shows both to operators', async () => {
    const shared = await tokenOf('ann', { jti: 'token-of-ann' })
    for (let index = 0; index < NETWORKS; index++) expect(await ask(watched, shared, at(index))).toBe(200)
    for (const token of INVENTED) expect(await ask(watched, `${shared.slice(0, -43)}${token}`, GUESSER)).toBe(402)

    const ofAnn = watched.lines().filter(({ status }) => status === 200)
    expect(new Set(ofAnn.map(({ network }) => network)).size).toBe(NETWORKS)
    expect(new Set(ofAnn.map(({ token }) => token)).size).toBe(1)
    expect(ofAnn.map(({ asn, country }) => [asn, country])).toEqual(
      Array.from({ length: NETWORKS }, (_, index) => [60_000 + index, 'DE']),
    )
    const guessed = watched.lines().filter(({ status }) => status === 402)
    expect(new Set(guessed.map(({ network }) => network)).size).toBe(1)
    expect(new Set(guessed.map(({ token }) => token)).size).toBe(GUESSES)
    expect(guessed.filter(({ account }) => account !== undefined)).toEqual([])

    const token = await operator('view')
    const signals = async (): Promise<string[]> => {
      const found = (await (await askFound(watched, token)).json()) as Found
      return found.findings.map(({ step, suspect, evidence }) => `${suspect} ${step} ${evidence[0]?.signal}`).sort()
    }
    await expect.poll(signals, { timeout: 40_000 }).toEqual(['account note hands', 'network slow guessing'])
    const { mode, dropped, findings } = (await (await askFound(watched, token)).json()) as Found
    expect([mode, dropped]).toEqual(['observe', 0])
    const [account] = ofAnn
    const hands = findings.find(({ suspect }) => suspect === 'account')
    expect(hands).toMatchObject({ key: account?.account, isActed: false, reference: expect.any(String) })
    expect(hands?.evidence).toMatchObject([{ signal: 'hands', observed: { networks: 12 }, usual: { networks: 0 } }])
    expect(findings.find(({ suspect }) => suspect === 'network')).toMatchObject({ key: guessed[0]?.network })
    // Nobody was refused anything.
    expect(await ask(watched, shared, at(1))).toBe(200)
    expect(await ask(watched, shared, GUESSER)).toBe(200)
  }, 120_000)

  it('shows it on the dashboard', async () => {
    const signedIn = await fetch(`${watched.url}/__faregate/operator`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin', origin: watched.url },
      body: new URLSearchParams({ token: await operator('view') }),
    })
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    const page = await (
      await fetch(`${watched.url}/__faregate/operator`, { headers: { cookie, 'sec-fetch-site': 'none' } })
    ).text()
    expect(page).toContain('Not normal')
    expect(page).toContain('hands: networks 12')
    expect(page).toContain('guessing: credentials 30')
    expect(page).not.toMatch(/\bann\b|198\.51|203\.0/)
  })

  it('says in clear neither who nor where nor with what', async () => {
    const found = await (await askFound(watched, await operator('view'))).text()
    for (const text of [found, ...watched.printed])
      for (const secret of ['198.51.', '203.0.113', 'token-of-ann', '"ann"', ...INVENTED])
        expect(text).not.toContain(secret)
  })

  it.each<[string, () => Promise<string | undefined>, number]>([
    ['nobody', async () => undefined, 401],
    ['a reader', () => tokenOf('ann'), 401],
    ['an operator who may not look', () => operator('credit'), 403],
  ])('shows nothing to %s', async (_, token, status) => {
    const answer = await askFound(watched, await token())
    expect([answer.status, (await answer.text()).includes('hands')]).toEqual([status, false])
  })
})

it('a gate that does not watch says nothing of where a request came from', async () => {
  const shared = await tokenOf('ann')
  expect(await ask(unwatched, shared, at(1))).toBe(200)
  expect(await ask(unwatched, `${shared.slice(0, -43)}${INVENTED[0]}`, GUESSER)).toBe(402)
  expect(unwatched.lines()).toHaveLength(2)
  for (const line of unwatched.lines())
    for (const member of ['network', 'country', 'asn', 'token', 'plan']) expect(line).not.toHaveProperty(member)
  expect((await askFound(unwatched, await operator('view'))).status).toBe(404)
})
