const HMAC = { name: 'HMAC', hash: 'SHA-256' }
const encoder = new TextEncoder()

/** Creates an HMAC-SHA-256 under `secret`; text is taken as UTF-8. The key is imported at the first use, and kept. */
export function createMac(secret: string): (data: string | Uint8Array<ArrayBuffer>) => Promise<Uint8Array> {
  let key: CryptoKey | undefined
  return async (data) => {
    key ??= await crypto.subtle.importKey('raw', encoder.encode(secret), HMAC, false, ['sign'])
    const bytes = typeof data === 'string' ? encoder.encode(data) : data
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))
  }
}
