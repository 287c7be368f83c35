import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import usage from '../../../vectors/usage.json'
import { FILES, gateVerdict, type TokenVector } from '../../billing/vectors.ts'
import { readPage, root } from '../docs/markdown.ts'
import { findPython, versionsOf } from './python.ts'

/** What drive.py prints. */
interface Driven {
  /** Tokens by file and name of their vector. */
  readonly signed: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What PyJWT takes, likewise. */
  readonly taken: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  readonly usage: Readonly<Record<string, unknown>>
  readonly posted: Readonly<Record<string, { outcome: string; asked: string[][]; waited: number[] }>>
  readonly served: {
    readonly jwks: Answer
    readonly list: Answer
    readonly usage: readonly string[]
    readonly forged: string
    readonly kept: readonly string[][]
    readonly examples: readonly string[]
  }
  readonly rotation: readonly (readonly [string, number])[]
}

interface Answer {
  readonly status: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

let folder: string
let driven: Driven

beforeAll(() => {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  folder = mkdtempSync(join(root, '.faregate/page-'))
  const python = findPython()
  process.stdout.write(`docs/billing/python.md runs with Python, PyJWT and cryptography ${versionsOf(python) ?? ''}\n`)
  const code = readPage('docs/billing/python.md').blocks.filter(({ language }) => language === 'python')
  const page = join(folder, 'billing.py')
  writeFileSync(page, code.map(({ text }) => text).join('\n\n'))
  const args = [join(import.meta.dirname, 'python/drive.py'), page, join(root, 'vectors')]
  const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new Error(stderr)
  driven = JSON.parse(stdout) as Driven
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(Object.entries(FILES))('of the vectors in %s.json', (name, file) => {
  const signed = file.vectors.filter(({ sign }) => sign !== undefined)

  it.each(signed)('the page signs "$name"', async (vector) => {
    const token = driven.signed[`${name}.json`]?.[vector.name] ?? ''
    expect(await gateVerdict(file, { ...vector, token })).toEqual(vector.verdict)
    expect(decodeProtectedHeader(token)).toEqual(vector.header)
    const { status_list: _list, ...claims } = vector.claims ?? {}
    expect(decodeJwt(token)).toMatchObject(claims)
  })

  it('PyJWT takes those that are accepted, and of the others none that it can know', () => {
    const taken = driven.taken[`${name}.json`] ?? {}
    const isWrong = (vector: TokenVector): boolean => {
      const { accepted, check = '' } = { check: undefined, ...vector.verdict }
      const isKnown = accepted || (KNOWN.test(check) && vector.name !== OURS)
      return isKnown && taken[vector.name] !== accepted
    }
    const wrong = file.vectors.filter(isWrong)
    expect(Object.keys(taken).length).toBe(file.vectors.length)
    expect(wrong.map((vector) => vector.name)).toEqual([])
  })
})

const KNOWN = /^(?:signature|algorithm|key|issuer|audience)$/
/** A receipt may be for one site only: that is a rule of ours. */
const OURS = 'is for two sites'

describe('the page for Python', () => {
  it.each(usage.vectors)('verifies the delivery of "$name"', ({ name, verdict }) => {
    const ids = (verdict.means?.records ?? []).map(({ id }) => id)
    const { accepted, status } = verdict
    expect(driven.usage[name]).toEqual(accepted ? { accepted, ids } : { accepted, status })
  })

  it('posts an event until it is taken, or refused for good', () => {
    const event = ['/__faregate/events', 'application/secevent+jwt', 'the.event.token']
    expect(driven.posted['at once']).toEqual({ outcome: 'holds', asked: [event], waited: [] })
    expect(driven.posted['after a while']).toEqual({ outcome: 'holds', asked: [event, event, event], waited: [7, 2] })
    expect(driven.posted['never']).toMatchObject({ outcome: 'refused {"err":"invalid_request"}', asked: [event] })
    expect(driven.posted['not yet']).toMatchObject({ outcome: 'HTTPError', waited: [1] })
    expect(driven.posted['not a gate']?.outcome).toMatch(/^refused .* is not a gate/)
  })

  it('serves a key set with nothing private in it, by which its examples are verified', async () => {
    const { jwks, list, examples } = driven.served
    expect([jwks.status, jwks.headers['Content-Type']]).toEqual(['200 OK', 'application/json'])
    const { keys } = JSON.parse(jwks.body) as { keys: JWK[] }
    expect(keys.map((key) => Object.keys(key))).toEqual([['kty', 'crv', 'x', 'kid', 'alg', 'use']])
    expect(list.headers['Content-Type']).toBe('application/statuslist+jwt')
    expect(examples.length).toBe(7)
    for (const token of [...examples, list.body])
      await expect(jwtVerify(token, createLocalJWKSet({ keys }), { algorithms: ['EdDSA'] })).resolves.toBeDefined()
  })

  it('keeps each record once, and none that is forged', () => {
    const { usage: answers, forged, kept } = driven.served
    expect(answers).toEqual(['200 OK', '200 OK'])
    expect(forged).toMatch(/^401 /)
    expect(kept.length).toBe(6)
  })

  it('rotates keys as faregate/billing does', () => {
    expect(driven.rotation).toEqual([
      ['first', 2],
      ['first', 2],
      ['next', 2],
      ['next', 2],
      ['next', 1],
    ])
  })
})
