import type { GivenFields } from '../http/rules/fields.ts'
import type { Choice, Member, Pool, Server } from '../origin/rules/pool.ts'
import { readPrivateJwk, type Signing } from '../origin/rules/signing.ts'
import type { CheckedOrigin } from './origin.ts'

/** The servers of an origin, and those that the meters of the zone bring. Undefined if there are none. */
export function compilePool(
  origin: CheckedOrigin | undefined,
  hosts: readonly string[],
  ofMeters: readonly string[],
): Pool | undefined {
  const named = [...new Set(ofMeters)].map(memberOfMeter)
  if (origin === undefined) return named.length === 0 ? undefined : { ...METERS_ALONE, members: named }
  const pool = compileOrigin(origin, hosts)
  return { ...pool, members: [...pool.members, ...named] }
}

/** How often one isolate may fail to reach a server of a meter's before others are asked first: as for an origin's. */
const METERS_ALONE: Omit<Pool, 'members'> = {
  choice: 'weight',
  health: { failures: 3, ejectMs: 5000, maxEjectMs: 60_000 },
  retries: { most: 0, budgetPercent: 0 },
}

function memberOfMeter(url: string): Member {
  const { host } = new URL(url)
  const server = { kind: 'url', url: url.replace(/\/$/, ''), host } as const
  const limits = { connectMs: Number.POSITIVE_INFINITY, responseMs: Number.POSITIVE_INFINITY, maxConcurrent: undefined }
  return { server, name: url, weight: 1, ...limits, isNamedOnly: true }
}

function compileOrigin({ servers, choose, health, retries, host }: CheckedOrigin, hosts: readonly string[]): Pool {
  return {
    members: servers.map((server) => compileMember(server, host, hosts)),
    choice: compileChoice(choose),
    health: {
      failures: health.failures,
      ejectMs: health.ejectSeconds * 1000,
      maxEjectMs: health.maxEjectSeconds * 1000,
    },
    retries: retries === false ? { most: 0, budgetPercent: 0 } : retries,
  }
}

function compileChoice(choose: CheckedOrigin['choose']): Choice {
  return typeof choose === 'string' ? choose : choose.hash
}

function compileMember(
  options: CheckedOrigin['servers'][number],
  asked: CheckedOrigin['host'],
  hosts: readonly string[],
): Member {
  const server = compileServer(options, asked, hosts)
  return {
    server,
    name: server.kind === 'url' ? server.url : server.binding,
    weight: options.weight,
    connectMs: compileLimit(options.limits?.connectSeconds),
    responseMs: compileLimit(options.limits?.responseSeconds),
    maxConcurrent: options.maxConcurrent,
  }
}

function compileServer(
  options: { url: string } | { binding: string },
  asked: CheckedOrigin['host'],
  hosts: readonly string[],
): Server {
  if ('binding' in options) return { kind: 'binding', binding: options.binding }
  const { host, hostname } = new URL(options.url)
  const server = { kind: 'url', url: options.url.replace(/\/$/, ''), host } as const
  if (asked === 'zone') return { ...server, as: 'zone' }
  return asked === undefined && isInDomain(hostname, hosts) ? { ...server, as: 'zone where possible' } : server
}

/** Returns true for a host below the domain of the zone's first host: the platform's zone has both. */
function isInDomain(hostname: string, hosts: readonly string[]): boolean {
  const domain = (hosts[0] ?? '').replace(/^www\./, '')
  return domain.includes('.') && !hosts.includes(hostname) && hostname.endsWith(`.${domain}`)
}

/** Returns the fields that each request to the pool carries, with names in lower case. */
export function compileFields(fields: CheckedOrigin['fields'], secrets: ReadonlyMap<string, string>): GivenFields {
  return Object.entries(fields ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'string' ? value : (secrets.get(value.secret) ?? ''),
  ])
}

function compileLimit(seconds: number | undefined): number {
  return seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000
}

/** Returns how requests to the pool are signed: with a JWK by its own algorithm, with any other secret by HS256. */
export function compileSigning(
  options: CheckedOrigin['sign'],
  secrets: ReadonlyMap<string, string>,
): Signing | undefined {
  if (options === undefined) return undefined
  const { lifetimeSeconds } = options
  const secret = secrets.get(options.key) ?? ''
  const found = readPrivateJwk(secret)
  if (found !== undefined) {
    return { algorithm: found.algorithm, key: found.jwk, keyId: options.keyId ?? found.kid, lifetimeSeconds }
  }
  return { algorithm: 'HS256', key: new TextEncoder().encode(secret), keyId: options.keyId, lifetimeSeconds }
}
