/**
 * `npm run check:config -- --fetch [path or URL …]`: asks the origin for a sample of each paid route as the gate would, and
 * tells where the answer looks like the origin's own teaser. Samples are the paths that are given, and those of routes
 * without a placeholder.
 */
import { request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Compiled } from '../../src/config/config.ts'
import type { Server } from '../../src/origin/rules/pool.ts'
import { match, type Route } from '../../src/access/route.ts'
import { readTarget, type Target } from '../../src/http/rules/target.ts'
import type { Zone } from '../../src/zone.ts'
import { ASSERTION_FIELD, createSigner } from '../../src/origin/assertion.ts'
import { type Sample, signsOf, wordsOf } from './teaser.ts'

export interface CheckedSample {
  readonly isWarning: boolean
  /** Never a value of a field. */
  readonly line: string
}

type UrlServer = Server & { readonly kind: 'url' }

interface Chosen {
  readonly zone: Zone
  readonly server: UrlServer
  readonly route: Route
  readonly target: Target
}

const TIMEOUT_MS = 15_000
const MAX_BYTES = 4 * 1024 * 1024

/** `isStandIn`: true for the value of a secret that is not known here. */
export async function checkOrigins(
  { sites }: Compiled,
  given: readonly string[],
  isStandIn: (value: string) => boolean,
): Promise<CheckedSample[]> {
  const found: CheckedSample[] = []
  for (const zone of new Set(Array.from(sites.values(), (site) => site.zone))) {
    const server = zone.pool?.members.map((member) => member.server).find((each) => each.kind === 'url')
    if (server === undefined) {
      found.push({ isWarning: false, line: `${zone.name}: no server by URL, so nothing is fetched` })
      continue
    }
    const chosen = choose(zone, server, given)
    for (const sample of chosen) found.push(...(await check(sample, isStandIn)))
    for (const path of unsampled(zone, chosen)) {
      found.push({ isWarning: false, line: `${zone.name} ${path}: no sample, so give the path of a page: --fetch /…` })
    }
  }
  return found
}

/** Copies alone: where nothing is shared, the origin is told who asks, and decides for him. */
function isSold({ terms, cache }: Route): boolean {
  return terms.kind === 'paid' && cache.partition === 'shared'
}

function choose(zone: Zone, server: UrlServer, given: readonly string[]): Chosen[] {
  const exact = zone.routes.entries.map(({ route }) => route.path).filter((path) => !path.includes('*'))
  const chosen = new Map<string, Chosen>()
  for (const text of [...given, ...exact]) {
    const url = URL.parse(text, `https://${zone.hosts[0]}`)
    if (url === null || !zone.hosts.includes(url.hostname)) continue
    const target = readTarget(url.pathname, url.search)
    const route = target.ok ? match(zone.routes, target.value, 'GET') : target
    if (!target.ok || !route.ok || !isSold(route.value)) continue
    chosen.set(`${target.value.path}${target.value.query}`, { zone, server, route: route.value, target: target.value })
  }
  return [...chosen.values()]
}

function unsampled({ routes }: Zone, chosen: readonly Chosen[]): string[] {
  const sampled = new Set(chosen.map(({ route }) => route.path))
  return routes.entries
    .map(({ route }) => route)
    .filter((route) => isSold(route) && !sampled.has(route.path))
    .map(({ path }) => path)
}

async function check(chosen: Chosen, isStandIn: (value: string) => boolean): Promise<CheckedSample[]> {
  const { zone, target } = chosen
  const name = `${zone.name} ${target.path}${target.query}`
  const missing = zone.originFields.filter(([, value]) => isStandIn(value)).map(([field]) => field)
  const fields = Object.fromEntries(zone.originFields.filter(([field]) => !missing.includes(field)))
  const notes = missing.map((field) => `${name}: the secret of ${field} is not set here, so it was not sent`)
  try {
    const sample = await fetchSample(chosen, fields)
    const signs = isLoop(sample, chosen) ? ['it redirects to itself: see origin.host'] : signsOf(sample)
    if (Object.keys(fields).length > 0 && sample.status === 200) {
      const without = await fetchSample(chosen, {})
      if (wordsOf(without.text) === wordsOf(sample.text)) signs.push('origin.fields make no difference to it')
    }
    const good = `${name}: ${sample.status}, ${wordsOf(sample.text)} words, no sign of a teaser`
    const lines = signs.map((sign) => ({ isWarning: true, line: `${name}: ${sign}` }))
    const told = lines.length === 0 ? [{ isWarning: false, line: good }] : lines
    return [...notes.map((line) => ({ isWarning: true, line })), ...told]
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return [{ isWarning: true, line: `${name}: could not be fetched (${why})` }]
  }
}

function isLoop({ location }: Sample, { zone, target }: Chosen): boolean {
  const to =
    location === undefined ? null : URL.parse(location, `https://${zone.hosts[0]}${target.path}${target.query}`)
  return (
    to !== null && zone.hosts.includes(to.hostname) && `${to.pathname}${to.search}` === `${target.path}${target.query}`
  )
}

/** Sends the request that the gate would send for a copy. Node, unlike `fetch`, asks a server by any host. */
async function fetchSample(chosen: Chosen, fields: Readonly<Record<string, string>>): Promise<Sample> {
  const { zone, server, route, target } = chosen
  const url = new URL(server.url)
  const [publicHost = ''] = zone.hosts
  const isAskedByZone = server.as !== undefined
  const host = isAskedByZone ? `${publicHost}${url.port === '' ? '' : `:${url.port}`}` : url.host
  const facts = { audience: server.url, zone: zone.name, route: route.path, method: 'GET', path: target.path }
  const assertion = zone.signing === undefined ? undefined : await createSigner(zone.signing)(facts, Date.now())
  const options: RequestOptions & { servername?: string } = {
    method: 'GET',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: `${url.pathname.replace(/\/$/, '')}${target.path}${target.query}`,
    timeout: TIMEOUT_MS,
    ...(isAskedByZone ? { servername: publicHost } : {}),
    headers: {
      'user-agent': 'Faregate',
      'accept-encoding': 'identity',
      'x-forwarded-host': publicHost,
      'x-forwarded-proto': 'https',
      ...(assertion === undefined ? {} : { [ASSERTION_FIELD]: assertion }),
      ...fields,
      host,
    },
  }
  return ask(url.protocol === 'https:' ? requestHttps : requestHttp, options)
}

function ask(request: typeof requestHttp, options: RequestOptions): Promise<Sample> {
  return new Promise((done, failed) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) sent.destroy(new Error('too long'))
        else chunks.push(chunk)
      })
      response.on('error', failed)
      response.on('end', () => {
        const { location, 'content-type': contentType = '' } = response.headers
        done({ status: response.statusCode ?? 0, location, contentType, text: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error('too slow')))
    sent.on('error', failed)
    sent.end()
  })
}
