/**
 * Reads the HTTP message signatures of a request (RFC 9421) that are tagged `web-bot-auth`.
 *
 * The identity of an agent is the URL under which it publishes its keys, so a signature counts only together with the member of
 * `Signature-Agent` that it covers. Everything is read from text of bounded length, in time linear in it, and every value has one
 * spelling: what is signed with other bytes is another signature.
 */
import { type Item, type Parameters, parseDictionary, serializeItem } from 'structured-headers'
import { toBase64url } from '../../../core/bytes.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Fields } from '../../../http/rules/exchange.ts'
import { isThumbprint } from '../../../access/thumbprint.ts'
import { type AgentPlace, legacyAgentPlace, memberPlace } from './agent.ts'

/** Longer than any honest field. */
const MAX_CHARACTERS = 8192
/** The most signatures of one request that are read, and the most components of one. */
const MAX_SIGNATURES = 4
const MAX_COMPONENTS = 32
/** RFC 9421 §3.1 and the draft: longer than a day, a signature is no signature of one request. */
const MAX_LIFETIME_SECONDS = 86_400
/** A client's clock may be so much ahead. */
const CLOCK_SECONDS = 30

/** The algorithms that a key of an agent may have, as the registry of RFC 9421 §6.2 names them. */
export const ALGORITHMS = ['ed25519', 'rsa-pss-sha512'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** One component that a signature covers: its name in lower case, and its parameters. */
export type Component = readonly [name: string, parameters: Parameters]

/** A signature as it was sent. Nothing of it is verified. */
export interface SentSignature {
  readonly components: readonly Component[]
  /** The parameters in the order sent, which is signed. */
  readonly parameters: Parameters
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The bytes in base64url: names the signed request. */
  readonly name: string
  readonly keyid: string
  /** Undefined: the key alone says. */
  readonly algorithm: Algorithm | undefined
  /** Seconds since 1970. */
  readonly created: number
  readonly expires: number
  readonly nonce: string | undefined
  /** Where the keys are; undefined if the request names no place, or one that nobody should fetch from. */
  readonly agent: AgentPlace | undefined
}

/** What is wrong with a signature, for its sender. Never quotes it. */
export type SignatureFault = Result<never, string>

/**
 * Reads the signatures tagged `web-bot-auth`, at most four; undefined if there is none. Error: the fields cannot be read, or one of the
 * signatures breaks a rule of its own.
 */
export function readSignatures(fields: Fields): Result<readonly SentSignature[], string> | undefined {
  const [input, signature] = [fields.get('signature-input'), fields.get('signature')]
  if (input === null || !input.includes('web-bot-auth')) return undefined
  if (signature === null) return err('There is a "Signature-Input", but no "Signature".')
  const agent = fields.get('signature-agent')
  if ([input, signature, agent ?? ''].some((field) => field.length > MAX_CHARACTERS))
    return err(`A field of the signature has more than ${MAX_CHARACTERS} characters.`)
  const [inputs, signatures] = [dictionaryIn(input), dictionaryIn(signature)]
  const isOfBytes = [...(signatures?.values() ?? [])].every(([value]) => value instanceof ArrayBuffer)
  if (inputs === undefined || signatures === undefined || !isOfBytes)
    return err('"Signature-Input" or "Signature" is no dictionary of what it should hold.')
  const labels = [...inputs.keys()].filter((label) => tagOf(inputs.get(label)) === 'web-bot-auth')
  if (labels.length === 0) return undefined
  const read: SentSignature[] = []
  for (const label of labels.slice(0, MAX_SIGNATURES)) {
    const one = readOne(label, inputs.get(label), signatures.get(label), signature, agent)
    if (!one.ok) return one
    read.push(one.value)
  }
  return ok(read)
}

type Dictionary = ReturnType<typeof parseDictionary>
type Member = ReturnType<Dictionary['get']>

function dictionaryIn(field: string): Dictionary | undefined {
  try {
    return parseDictionary(field)
  } catch {
    return undefined
  }
}

function tagOf(member: Member): unknown {
  return member?.[1].get('tag')
}

function readOne(
  label: string,
  input: Member,
  signature: Member,
  field: string,
  agent: string | null,
): Result<SentSignature, string> {
  if (input === undefined || !Array.isArray(input[0])) return err('"Signature-Input" has no list of components.')
  const [items, parameters] = [input[0], input[1]]
  const value = signature?.[0]
  if (!(value instanceof ArrayBuffer)) return err('"Signature" has no bytes for the label of "Signature-Input".')
  // One spelling, once: base64 has bits that no decoder looks at.
  const spelt = `${label}=${serializeItem([value, new Map()])}`
  const isSpeltOnce = field.includes(spelt) && field.indexOf(spelt) === field.lastIndexOf(spelt)
  if (!isSpeltOnce || (signature?.[1].size ?? 0) > 0) return err('The bytes of "Signature" are misspelt.')
  const components = componentsOf(items)
  if (!components.ok) return components
  const terms = termsOf(parameters)
  if (!terms.ok) return terms
  const bytes = new Uint8Array(value)
  const place = placeOf(components.value, agent)
  if (!place.ok) return place
  return ok({
    components: components.value,
    parameters,
    bytes,
    name: toBase64url(bytes),
    ...terms.value,
    agent: place.value,
  })
}

function componentsOf(items: readonly Item[]): Result<readonly Component[], string> {
  if (items.length > MAX_COMPONENTS) return err(`The signature covers more than ${MAX_COMPONENTS} components.`)
  const components: Component[] = []
  const seen = new Set<string>()
  for (const item of items) {
    const [name, parameters] = item
    const spelt = typeof name === 'string' ? serializeItem(item) : ''
    if (typeof name !== 'string' || name !== name.toLowerCase()) return err('A component has no name in lower case.')
    if (seen.has(spelt)) return err('The signature covers a component twice.')
    seen.add(spelt)
    components.push([name, parameters])
  }
  return ok(components)
}

type Terms = Pick<SentSignature, 'keyid' | 'algorithm' | 'created' | 'expires' | 'nonce'>

function termsOf(parameters: Parameters): Result<Terms, string> {
  const [keyid, algorithm, nonce] = ['keyid', 'alg', 'nonce'].map((name) => parameters.get(name))
  const [created, expires] = [parameters.get('created'), parameters.get('expires')]
  if (!isThumbprint(keyid)) return err('"keyid" is no thumbprint of a key (RFC 7638).')
  if (algorithm !== undefined && !isAlgorithm(algorithm)) return err(`"alg" is none of ${ALGORITHMS.join(', ')}.`)
  if (!isTime(created) || !isTime(expires)) return err('"created" or "expires" is missing.')
  if (nonce !== undefined && typeof nonce !== 'string') return err('"nonce" is no string.')
  return ok({ keyid, algorithm, created, expires, nonce })
}

function isAlgorithm(value: unknown): value is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === value)
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/**
 * Finds the place of the keys: the member of `Signature-Agent` that the signature covers by its key, or the whole field in its older
 * form. Error: the signature covers neither, or `@authority` and `@target-uri` neither.
 */
function placeOf(components: readonly Component[], field: string | null): Result<AgentPlace | undefined, string> {
  if (!components.some(([name, { size }]) => (name === '@authority' || name === '@target-uri') && size === 0))
    return err('The signature covers neither "@authority" nor "@target-uri".')
  if (field === null) return ok(undefined)
  const covered = components.filter(([name]) => name === 'signature-agent').map(([, parameters]) => parameters)
  if (field.trimStart().startsWith('"'))
    return covered.some(({ size }) => size === 0) ? ok(legacyAgentPlace(field)) : NOT_COVERED
  const keys = covered.map((parameters) => (parameters.size === 1 ? parameters.get('key') : undefined))
  const key = keys.find((one) => typeof one === 'string')
  if (key === undefined || typeof key !== 'string') return NOT_COVERED
  const member = dictionaryIn(field)?.get(key)
  return ok(member === undefined || Array.isArray(member[0]) ? undefined : memberPlace(member as Item))
}

const NOT_COVERED: SignatureFault = err('The signature does not cover its own member of "Signature-Agent".')

const LATELY_SECONDS = 300

/** Returns true if a signature is five minutes old at most: one that is older may have been seen by many. */
export function createdLately({ created }: Pick<SentSignature, 'created'>, now: number): boolean {
  return now / 1000 - created <= LATELY_SECONDS
}

/** Returns what is wrong with the times of a signature at `now`, in milliseconds; undefined if it is valid. */
export function untimely(
  { created, expires }: Pick<SentSignature, 'created' | 'expires'>,
  now: number,
): string | undefined {
  const seconds = now / 1000
  if (created > seconds + CLOCK_SECONDS) return 'The signature was "created" in the future.'
  if (expires <= seconds) return 'The signature has expired.'
  if (expires - created > MAX_LIFETIME_SECONDS) return 'The signature is valid for more than a day.'
  return undefined
}
