import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toBase64url } from '../../../src/core/bytes.ts'
import type { Json } from '../../../src/core/json.ts'
import { canonicalJson } from '../../../src/core/canonicaljson.ts'
import {
  challengeId,
  challengeOf,
  challengeText,
  isGenuine,
  type PaymentChallenge,
  prepareChallenge,
} from '../../../src/rails/mpp/rules/challenge.ts'
import { readPaymentCredential } from '../../../src/rails/mpp/rules/credential.ts'
import { decodeBase64url, decodeMembers } from '../../../src/rails/mpp/rules/decode.ts'
import { type SettledReceipt, writeReceipt } from '../../../src/rails/mpp/rules/receipt.ts'
import { readChallenges } from './wallet.ts'

interface Named {
  readonly name: string
  readonly error?: true
}

interface Vectors {
  readonly hmacSecretHex: string
  readonly canonicalization: readonly (Named & { readonly input: string; readonly canonical?: string })[]
  readonly base64url: readonly (Named & {
    readonly encoded: string
    readonly decodedHex?: string
    readonly canonical: boolean
  })[]
  readonly challengeHeaders: readonly (Named & {
    readonly params: PaymentChallenge
    readonly header: string
    readonly parsed: PaymentChallenge
  })[]
  readonly challengeLists: readonly (Named & {
    readonly header: string
    readonly challenges?: readonly PaymentChallenge[]
  })[]
  readonly challengeIds: readonly (Named & { readonly params: PaymentChallenge; readonly hmacInput: string })[]
  readonly credentials: readonly (Named & { readonly credentialJson: string; readonly header: string })[]
  readonly receipts: readonly (Named & { readonly receiptJson: string; readonly header: string })[]
}

const file = join(import.meta.dirname, 'vectors/vectors.json')
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
const key = hexToBytes(vectors.hmacSecretHex)

describe('the published vectors of the scheme Payment', () => {
  it('are all there', () => {
    const { canonicalization, base64url, challengeHeaders, challengeLists, challengeIds, credentials, receipts } =
      vectors
    const all = [canonicalization, base64url, challengeHeaders, challengeLists, challengeIds, credentials, receipts]
    expect(all.map(({ length }) => length)).toEqual([22, 17, 6, 11, 4, 11, 8])
  })

  it.each(vectors.canonicalization)('canonical JSON: $name', ({ input, canonical, error }) => {
    const written = () => canonicalJson(JSON.parse(input) as Json)
    if (error) expect(written).toThrow(SyntaxError)
    else expect(written()).toBe(canonical)
  })

  it.each(vectors.base64url)('base64url: $name', ({ encoded, decodedHex = '', canonical }) => {
    const bytes = decodeBase64url(encoded)
    // One value has one spelling: what others accept with padding is refused, too.
    expect(bytes && bytesToHex(bytes)).toBe(canonical ? decodedHex : undefined)
    if (bytes !== undefined) expect(toBase64url(bytes)).toBe(encoded)
  })

  it.each(vectors.challengeHeaders)('a challenge: $name', ({ params, header, parsed }) => {
    expect(readChallenges(header)).toEqual([parsed])
    expect(rewritten(params)).toEqual({ ...parsed, ...own(params) })
  })

  it.each(vectors.challengeLists)('a list of challenges: $name', ({ header, challenges = [] }) => {
    expect(readChallenges(header)).toEqual(challenges)
  })

  it.each(vectors.challengeIds)('the id of a challenge: $name', ({ params, hmacInput }) => {
    expect(challengeText(params)).toBe(hmacInput)
    expect(challengeId(params, key)).toBe(params.id)
    // The scheme lets two challenges with a pipe share an id: the gate makes none, and takes none.
    expect(isGenuine(params, [key])).toBe(!hmacInput.startsWith('a|b'))
  })

  it.each(vectors.credentials)('a credential: $name', ({ credentialJson, header, error }) => {
    const read = readPaymentCredential(header.trimEnd())
    expect(read.ok).toBe(error !== true)
    if (!read.ok) return
    const { challenge, payload } = JSON.parse(credentialJson) as { challenge: object; payload: object }
    expect(read.value).toEqual({ challenge, payload })
  })

  it.each(vectors.receipts)('a receipt: $name', ({ receiptJson, header }) => {
    expect(toBase64url(utf8ToBytes(receiptJson))).toBe(header)
    const receipt = JSON.parse(receiptJson) as SettledReceipt & { status?: string }
    const isOfCharge = Object.keys(receipt).every((name) => WRITTEN.includes(name))
    if (isOfCharge) expect(writeReceipt(receipt)).toBe(header)
    expect(decodeMembers(header)).toEqual(receipt)
  })
})

/** What the gate's writer makes of the same parameters. It signs each challenge itself, and writes no digest. */
function rewritten({ expires = EXPIRES, opaque = OPAQUE, header, ...shared }: PaymentChallenge): object | undefined {
  const written = challengeOf(prepareChallenge(shared, key), { expires, opaque, ...(header && { header }) })
  return readChallenges(written)[0]
}

const EXPIRES = '2026-03-15T12:05:00Z'
const OPAQUE = 'e30'
function own({ digest: _digest, ...params }: PaymentChallenge): object {
  const unnamed = { expires: EXPIRES, opaque: OPAQUE, ...params }
  return { ...unnamed, digest: undefined, id: challengeId(unnamed, key) }
}

const WRITTEN = ['status', 'method', 'timestamp', 'reference', 'challengeId']
