import { base64url } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as fc from 'fast-check'
import { REASONS } from '../../../src/core/problem.ts'
import { sign } from '../../support/issuer.ts'
import { hostileClaims } from './hostile/claims.ts'
import { carriedTokens, inTheUrl } from './hostile/fields.ts'
import { type Answer, withToken, createGate, type Gate, leaked, PAID_PAGE } from '../../tokens/hostile/gate.ts'
import { hostileHeaders } from './hostile/header.ts'
import { neighbours } from './hostile/neighbours.ts'
import { ACCOUNT, claims, goodToken, makeParties, type Parties, SHARED } from '../../tokens/hostile/parties.ts'
import { hostileSignatures, resign } from './hostile/signature.ts'
import { hostileSpellings } from './hostile/spelling.ts'

let parties: Parties
let gate: Gate
const fetching = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing may be fetched'))

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
})
afterEach(() => expect(fetching).not.toHaveBeenCalled())
afterAll(() => fetching.mockRestore())

function expectRefused(answer: Answer, token: string, reason: keyof typeof REASONS): void {
  expect({ reason: answer.reason, status: answer.status }).toEqual({ reason, status: REASONS[reason].status })
  expect(JSON.parse(answer.body)).toMatchObject({ reason, status: REASONS[reason].status })
  expect(answer.received).toEqual([])
  expect(answer.everything).not.toContain(PAID_PAGE)
  expect(answer.everything).not.toContain(ACCOUNT)
  expect(leaked(token, answer.everything)).toBeUndefined()
}

function expectServed(answer: Answer, token: string): void {
  expect({ reason: answer.reason, status: answer.status }).toEqual({ reason: undefined, status: 200 })
  expect(answer.body).toBe(PAID_PAGE)
  expect(answer.everything).not.toContain(ACCOUNT)
  expect(leaked(token, answer.everything)).toBeUndefined()
  const [request] = answer.received
  const passedOn = Array.from(request?.headers ?? [], ([name, value]) => `${name}: ${value}`)
  expect(leaked(token, passedOn.join('\n'))).toBeUndefined()
}

const hostile = [...hostileHeaders, ...hostileClaims, ...hostileSpellings, ...hostileSignatures]

describe('a hostile token is refused with', () => {
  it.each(hostile)('$name: $reason', async ({ token, reason, check }) => {
    const presented = await token(parties)
    const answer = await gate.ask(withToken(presented))
    expectRefused(answer, presented, reason)
    if (check !== undefined) expect(answer.verified).toMatchObject({ ok: false, error: { reason, check } })
    // What is remembered of it must not make it better.
    expectRefused(await gate.ask(withToken(presented)), presented, reason)
  })

  it('more than 211 others like it', () => {
    expect(hostile.length).toBeGreaterThan(211)
    expect(new Set(hostile.map(({ name, check }) => `${name} ${check}`)).size).toBe(hostile.length)
  })
})

describe('on a free page', () => {
  it('every hostile token counts as none', async () => {
    for (const { token, reason } of hostile) {
      if (reason === 'entitlement-insufficient') continue // genuine, and not enough only where something is asked for
      const answer = await gate.ask(withToken(await token(parties), '/free/1'))
      expect(answer).toMatchObject({ status: 200, body: PAID_PAGE, reason: undefined })
      expect(answer.received[0]?.headers.has('faregate-subject')).toBe(false)
    }
  })
})

describe('a good token is served with', () => {
  it.each(neighbours)('$name', async ({ token }) => {
    const presented = await token(parties)
    expectServed(await gate.ask(withToken(presented)), presented)
    expectServed(await gate.ask(withToken(presented)), presented)
  })
})

describe('a good token', () => {
  it.each(carriedTokens)('$name: $outcome', async ({ token = goodToken, fields, url, outcome }) => {
    const presented = await token(parties)
    const headers = new Headers()
    for (const [name, value] of fields(presented)) headers.append(name, value)
    const answer = await gate.ask(new Request(url ?? 'https://news.example/paid/1', { headers }))
    if (outcome === 'served') expectServed(answer, presented)
    else expectRefused(answer, presented, outcome)
  })

  it.each(inTheUrl)('$name is not looked at: $outcome', async ({ at, outcome }) => {
    const answer = await gate.ask(new Request(at(await goodToken(parties))))
    expect(answer).toMatchObject({ status: REASONS[outcome].status, reason: outcome, received: [] })
    expect(answer.verified).toBeUndefined()
  })
})

describe('a token changed on its way is refused', () => {
  it.each(['es', 'ed', 'rsa', 'pss', 'shared'] as const)('in any byte of its signature: %s', async (party) => {
    const iss = party === 'shared' ? { iss: SHARED } : {}
    const token = await sign(parties[party], claims(iss))
    const length = base64url.decode(token.slice(token.lastIndexOf('.') + 1)).length
    for (let at = 0; at < length; at++) {
      const changed = resign(token, (bytes) => bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8))))
      expectRefused(await gate.ask(withToken(changed)), changed, 'credential-invalid')
    }
  })

  it('in any one character', async () => {
    const token = await goodToken(parties)
    const character = fc.constantFrom(
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/'.split(''),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), character, async (at, other) => {
        fc.pre(token[at] !== other)
        const changed = token.slice(0, at) + other + token.slice(at + 1)
        const answer = await gate.ask(withToken(changed))
        expect(answer.status).toBe(402)
        expect(answer.received).toEqual([])
        expect(['credential-malformed', 'credential-invalid']).toContain(answer.reason)
      }),
      { numRuns: 400 },
    )
  })

  it('in its length', async () => {
    const token = await goodToken(parties)
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.nat(token.length), async (from, to) => {
        const cut = token.slice(0, Math.min(from, to)) + token.slice(Math.max(from, to))
        fc.pre(cut !== token)
        const answer = await gate.ask(withToken(cut))
        expect(answer.status).toBe(402)
        expect(answer.received).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
