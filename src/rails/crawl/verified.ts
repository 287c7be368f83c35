/**
 * Verifies the agent that has signed a request, by Web Bot Auth.
 *
 * There are three outcomes, and no two of them are one: `verified`, `invalid` (the signature breaks a rule, or is not of the key that it
 * names) and `unverified` (nobody can say: the agent is not one that counts here, its place does not answer, or has no such key). What an
 * agent says is checked in the order of cost; its place is asked last, and only if it is one that the caller has named.
 */
import type { Exchange } from '../../http/rules/exchange.ts'
import type { Call } from '../../ports.ts'
import type { Directories } from './directories.ts'
import { signatureBase } from './rules/base.ts'
import { isTestKey } from './rules/keys.ts'
import { readSignatures, type SentSignature, untimely } from './rules/signatures.ts'
import { isSignedBy } from './verify.ts'

/** What is known of the agent that has signed a request. */
export type AgentVerdict =
  | { readonly kind: 'verified'; readonly agent: string; readonly signature: SentSignature }
  /** `why` is a sentence for the sender. */
  | { readonly kind: 'invalid'; readonly why: string }
  /** `unnamed`: the agent does not count here; `unknown`: it publishes no such key; `unavailable`: its keys cannot be had now. */
  | { readonly kind: 'unverified'; readonly because: 'unnamed' | 'unknown' | 'unavailable' }

/** Which agents count. */
export interface CountingAgents {
  readonly isNamed: (agent: string) => boolean
  /** True if keys count whose private halves are published: in tests alone. */
  readonly allowsTestKeys: boolean
}

/** Verifies the agent of a request; undefined if none has signed it. Of several signatures the first counts that verifies. */
export function verifyAgent(
  exchange: Exchange,
  counting: CountingAgents,
  directories: () => Directories,
  call: Call,
): Promise<AgentVerdict> | AgentVerdict | undefined {
  const read = readSignatures(exchange.fields)
  if (read === undefined) return undefined
  return read.ok ? firstVerified(read.value, exchange, counting, directories, call) : invalid(read.error)
}

async function firstVerified(
  signatures: readonly SentSignature[],
  exchange: Exchange,
  counting: CountingAgents,
  directories: () => Directories,
  call: Call,
): Promise<AgentVerdict> {
  let first: AgentVerdict | undefined
  for (const signature of signatures) {
    // oxlint-disable-next-line no-await-in-loop -- the first that verifies is enough, and each may cost a fetch
    const verdict = await judge(signature, exchange, counting, directories, call)
    if (verdict.kind === 'verified') return verdict
    first ??= verdict
  }
  return first ?? invalid('There is no signature.')
}

async function judge(
  signature: SentSignature,
  exchange: Exchange,
  { isNamed, allowsTestKeys }: CountingAgents,
  directories: () => Directories,
  call: Call,
): Promise<AgentVerdict> {
  const late = untimely(signature, exchange.now)
  if (late !== undefined) return invalid(late)
  const base = signatureBase(signature, exchange)
  if (!base.ok) return invalid(base.error)
  const { agent: place, keyid } = signature
  if (place === undefined || !isNamed(place.identity)) return UNNAMED
  if (isTestKey(keyid) && !allowsTestKeys) return UNKNOWN
  const key = await directories().find(place, keyid, call)
  if (key === 'unknown') return UNKNOWN
  if (key === 'unavailable') return UNAVAILABLE
  if (!(await isSignedBy(signature, base.value, key)))
    return invalid('The signature is not of the key that it names, over what it covers.')
  return { kind: 'verified', agent: place.identity, signature }
}

function invalid(why: string): AgentVerdict {
  return { kind: 'invalid', why }
}

const UNNAMED: AgentVerdict = { kind: 'unverified', because: 'unnamed' }
const UNKNOWN: AgentVerdict = { kind: 'unverified', because: 'unknown' }
const UNAVAILABLE: AgentVerdict = { kind: 'unverified', because: 'unavailable' }
