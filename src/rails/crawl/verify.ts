import type { AgentKey } from './rules/keys.ts'
import type { SentSignature } from './rules/signatures.ts'

const IMPORTS = {
  ed25519: { name: 'Ed25519' },
  'rsa-pss-sha512': { name: 'RSA-PSS', hash: 'SHA-512' },
} as const
/** RFC 9421 §3.3.1 and §3.3.6. */
const CHECKS = {
  ed25519: { name: 'Ed25519' },
  'rsa-pss-sha512': { name: 'RSA-PSS', saltLength: 64 },
} as const

/** The keys that were used before, as the runtime holds them. */
const imported = new WeakMap<AgentKey, CryptoKey>()

/** Returns true if the signature is the key's, over `base`. A key that cannot be used has signed nothing. */
export async function isSignedBy(
  { bytes, algorithm }: Pick<SentSignature, 'bytes' | 'algorithm'>,
  base: string,
  key: AgentKey,
): Promise<boolean> {
  if (algorithm !== undefined && algorithm !== key.algorithm) return false
  try {
    const usable = imported.get(key) ?? (await importKey(key))
    return await crypto.subtle.verify(CHECKS[key.algorithm], usable, bytes, new TextEncoder().encode(base))
  } catch {
    return false
  }
}

async function importKey(key: AgentKey): Promise<CryptoKey> {
  const usable = await crypto.subtle.importKey('jwk', key.jwk, IMPORTS[key.algorithm], false, ['verify'])
  imported.set(key, usable)
  return usable
}
