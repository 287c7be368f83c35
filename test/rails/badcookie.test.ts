import { beforeAll, describe, expect, it } from 'vitest'
import { sign } from '../support/issuer.ts'
import { withToken, createGate, type Gate } from '../tokens/hostile/gate.ts'
import { claims, goodToken, makeParties, NOW, type Parties } from '../tokens/hostile/parties.ts'

let parties: Parties
let gate: Gate

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
})

const GONE = '__Host-faregate=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax'

type Make = () => string | Promise<string>
const hopeless: [what: string, make: Make][] = [
  ['that is no token', () => 'x'],
  ['that is too long', () => 'x'.repeat(3900)],
  ['of another issuer', () => goodToken(parties, { iss: 'https://other.example' })],
  ['for another site', () => goodToken(parties, { aud: 'https://other.example' })],
  ['of another kind', () => goodToken(parties, {}, { typ: 'payment+jwt' })],
]
const kept: [what: string, make: Make][] = [
  ['whose key is not known', () => goodToken(parties, {}, { kid: 'next' })],
  ['whose signature does not fit', () => sign(parties.forger, claims())],
  ['that has expired', () => goodToken(parties, { exp: NOW - 10 })],
  ['that is not valid yet', () => goodToken(parties, { nbf: NOW + 60 })],
  ['of a held account', () => goodToken(parties, { standing: 'on-hold' })],
  ['that does not cover this', () => goodToken(parties, { entitlements: [] })],
]

const asking = (cookie: string, path = '/paid/1'): Request =>
  new Request(`https://news.example${path}`, { headers: { cookie: `a=1; __Host-faregate=${cookie}` } })

describe('the refusal of a cookie', () => {
  it.each(hopeless)('%s removes it: its owner cannot', async (_what, make) => {
    const { status, headers } = await gate.ask(asking(await make()))
    expect([status, headers.getSetCookie(), headers.get('cache-control')]).toEqual([402, [GONE], 'no-store'])
  })

  it.each(kept)('%s leaves it: it may be good again, or its owner is to know', async (_what, make) => {
    const { status, headers } = await gate.ask(asking(await make()))
    expect([status, headers.getSetCookie()]).toEqual([402, []])
  })

  it('is not that of a token in Authorization', async () => {
    for (const [, make] of hopeless) {
      const { status, headers } = await gate.ask(withToken(await make()))
      expect([status, headers.getSetCookie()]).toEqual([402, []])
    }
  })

  it('is none on a free page, and nothing is removed there', async () => {
    const { status, headers } = await gate.ask(asking('x', '/free/1'))
    expect([status, headers.getSetCookie()]).toEqual([200, []])
  })
})
