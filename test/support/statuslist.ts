import type { StatusList } from '../../src/access/statuslist.ts'
import { encode } from './issuer.ts'

/** These bytes compressed, in base64url. */
export async function zipped(
  bytes: Uint8Array,
  format: 'deflate' | 'deflate-raw' | 'gzip' = 'deflate',
): Promise<string> {
  const packing = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream(format))
  return encode(new Uint8Array(await new Response(packing).arrayBuffer()))
}

/** The claim `status_list` of a list with these statuses, the first for `idx` 0. */
export async function packed(
  bits: StatusList['bits'],
  statuses: readonly number[],
): Promise<{ bits: number; lst: string }> {
  const perByte = 8 / bits
  const bytes = new Uint8Array(Math.ceil(statuses.length / perByte))
  for (const [idx, status] of statuses.entries()) {
    const at = Math.floor(idx / perByte)
    bytes[at] = (bytes[at] ?? 0) | (status << ((idx % perByte) * bits))
  }
  return { bits, lst: await zipped(bytes) }
}
