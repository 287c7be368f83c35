/** What the model of Workers Cache reads of a response: written apart from the product's own, so that each checks the other. */

type Read = (name: string) => string | null

export type Said = ReadonlyMap<string, string>

function parse(field: string): Said {
  const said = new Map<string, string>()
  for (const part of field.split(',')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name !== '') said.set(name.toLowerCase(), value.replaceAll('"', ''))
  }
  return said
}

/** `cloudflare-cdn-cache-control` before `cdn-cache-control` before `cache-control`; undefined where none is there. */
export function governing(read: Read): Said | undefined {
  for (const name of ['cloudflare-cdn-cache-control', 'cdn-cache-control', 'cache-control']) {
    const field = read(name)
    if (field !== null) return parse(field)
  }
  return undefined
}

const HEURISTIC_SECONDS: Readonly<Record<number, number>> = { 200: 7200, 301: 7200, 302: 1200, 404: 180, 410: 180 }
const MAX_TAG_BYTES = 16 * 1024

/** How many seconds it is fresh; undefined for what bypasses the cache. Silence is stored heuristically. */
export function lifetimeOf(status: number, read: Read, now: number): number | undefined {
  const said = governing(read)
  if (status === 206 || read('set-cookie') !== null || read('vary')?.includes('*')) return undefined
  if (said?.has('private') || said?.has('no-store') || (read('cache-tag')?.length ?? 0) > MAX_TAG_BYTES)
    return undefined
  if (said?.has('no-cache')) return 0
  const seconds = said?.get('s-maxage') ?? said?.get('max-age')
  if (seconds !== undefined) return Number(seconds)
  const expires = read('expires')
  if (expires !== null) return Math.max(0, (Date.parse(expires) - Date.parse(read('date') ?? '') || now) / 1000)
  return said === undefined || said.has('public') ? HEURISTIC_SECONDS[status] : undefined
}

const NO_STALE = ['s-maxage', 'must-revalidate', 'proxy-revalidate']

/** How many seconds beyond its lifetime a copy may be served. Without `stale-if-error`, without end. */
export function staleSeconds(read: Read): { meanwhile: number; onError: number } {
  const said = governing(read) ?? new Map<string, string>()
  if (NO_STALE.some((name) => said.has(name))) return { meanwhile: 0, onError: 0 }
  return {
    meanwhile: Number(said.get('stale-while-revalidate') ?? 0),
    onError: Number(said.get('stale-if-error') ?? Number.POSITIVE_INFINITY),
  }
}
