/**
 * `npm run vectors`: writes `vectors/*.json`, test vectors for whoever signs or verifies what the gate takes, in any
 * language. The same is written each time, unless what is signed has changed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createIssuer } from '../src/billing/index.ts'
import {
  type AcceptedCase,
  AUDIENCE,
  gateOf,
  ISSUER,
  type Kind,
  keysOf,
  NOW,
  type RefusedCase,
} from './vectors/cases.ts'
import { ENTITLEMENTS, SECRET_ENTITLEMENTS } from './vectors/entitlements.ts'
import { EVENTS, SPOKEN_FOR } from './vectors/events.ts'
import { OPERATORS } from './vectors/operators.ts'
import { RECEIPTS } from './vectors/receipts.ts'
import { defined, KEYS, type Members, SECRET, signParts, type Signer } from './vectors/signing.ts'
import { STATUS_LISTS } from './vectors/statuslists.ts'
import { usageVectors } from './vectors/usage.ts'

export const folder = resolve(import.meta.dirname, '../vectors')

const KINDS: readonly Kind[] = [
  ENTITLEMENTS,
  SECRET_ENTITLEMENTS,
  RECEIPTS,
  EVENTS,
  SPOKEN_FOR,
  OPERATORS,
  STATUS_LISTS,
]

/** Signatures by what they sign. */
type KnownSignatures = ReadonlyMap<string, string>

/** The signatures of the vectors that are there. */
function knownSignatures(): KnownSignatures {
  const known = new Map<string, string>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const { vectors } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { vectors: { token?: string }[] }
    for (const { token = '' } of vectors) {
      const dot = token.lastIndexOf('.')
      if (!known.has(token.slice(0, dot))) known.set(token.slice(0, dot), token.slice(dot + 1))
    }
  }
  return known
}

const headerOf = (by: Signer, typ: string): Members =>
  typeof by === 'string' ? { alg: KEYS[by].alg, typ, kid: KEYS[by].kid } : { alg: 'HS256', typ }

/** The claims that `faregate/billing` writes for an input. */
async function claimsOf({ by, method, input }: AcceptedCase, { speaksFor }: Kind): Promise<Members> {
  const source = typeof by === 'string' ? { keys: [{ jwk: KEYS[by] }] } : { secret: SECRET }
  const issuer = createIssuer({
    issuer: ISSUER,
    audience: AUDIENCE,
    ...source,
    speaksFor: speaksFor === undefined ? [] : [speaksFor],
    clock: () => NOW * 1000,
  })
  const token = await issuer[method](input as never)
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Members
}

async function acceptedVector(each: AcceptedCase, kind: Kind, known: KnownSignatures): Promise<Members> {
  const { name, by, method, input, means, now } = each
  const header = defined({ ...headerOf(by, kind.typ), ...each.header })
  const claims = defined({ ...(await claimsOf(each, kind)), ...each.claims })
  const token = signParts(by, JSON.stringify(header), JSON.stringify(claims), known)
  const verdict = { accepted: true, means: defined(means) }
  // What it does not write like that is no vector for signers.
  const isSigned =
    each.header === undefined && (each.claims === undefined || Object.keys(each.claims).join() === 'status_list')
  const sign = isSigned ? { method, input } : undefined
  return defined({ name, now, key: nameOf(by), sign, header, claims, token, verdict })
}

function refusedVector(each: RefusedCase, { typ, good }: Kind, known: KnownSignatures): Members {
  const { name, by = 'ed25519', now, spoil = (token) => token, refused } = each
  const header = JSON.stringify(defined({ ...headerOf(by, typ), ...each.header }))
  const payload = each.payload ?? JSON.stringify(defined({ ...good, ...each.claims }))
  const token = spoil(signParts(by, header, payload, known))
  const [reason, check] = refused
  return defined({ name, now, token, verdict: defined({ accepted: false, reason, check }) })
}

function nameOf(by: Signer): string {
  return typeof by === 'string' ? by : 'secret'
}

async function fileOf(kind: Kind, known: KnownSignatures): Promise<Members> {
  const isSecret = kind.isSecret === true
  const { kind: name, typ, description } = kind
  const accepted = await Promise.all(kind.accepted.map((each) => acceptedVector(each, kind, known)))
  const refused = kind.refused.map((each) => refusedVector(each, kind, known))
  const facts = { description, kind: name, typ, now: NOW, gate: gateOf(kind), keys: keysOf(isSecret) }
  return { ...facts, vectors: [...accepted, ...refused] }
}

/** Returns the text of each file by its name. */
export async function vectorFiles(): Promise<ReadonlyMap<string, string>> {
  const known = knownSignatures()
  const files = new Map<string, string>()
  for (const kind of KINDS) files.set(kind.file, textOf(await fileOf(kind, known)))
  return files.set('usage.json', textOf(usageVectors()))
}

const textOf = (content: Members): string => `${JSON.stringify(content, null, 2)}\n`

if (import.meta.main) {
  for (const [name, text] of await vectorFiles()) writeFileSync(join(folder, name), text)
}
