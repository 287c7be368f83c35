import type { Choice, Member, Pool, Server } from '../core/pool.ts'
import { readPrivateJwk, type Signing } from '../core/signing.ts'
import type { CheckedOrigin } from './origin.ts'

/** Turns a checked origin into the pool of a zone. */
export function compilePool({ servers, choose, health, retries }: CheckedOrigin): Pool {
  return {
    members: servers.map(compileMember),
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

function compileMember(options: CheckedOrigin['servers'][number]): Member {
  const server = compileServer(options)
  return {
    server,
    name: server.kind === 'url' ? server.url : server.binding,
    weight: options.weight,
    connectMs: compileLimit(options.limits?.connectSeconds),
    responseMs: compileLimit(options.limits?.responseSeconds),
    maxConcurrent: options.maxConcurrent,
  }
}

function compileServer(options: { url: string } | { binding: string }): Server {
  if ('binding' in options) return { kind: 'binding', binding: options.binding }
  return { kind: 'url', url: options.url.replace(/\/$/, ''), host: new URL(options.url).host }
}

function compileLimit(seconds: number | undefined): number {
  return seconds === undefined ? Number.POSITIVE_INFINITY : seconds * 1000
}

/** How what is sent to the pool is signed: with a JWK by its own algorithm, with any other secret by HS256. */
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
