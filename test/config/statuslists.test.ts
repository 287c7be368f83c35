import { describe, expect, it } from 'vitest'
import type { Issuer } from '../../src/access/issuer.ts'
import { ZONE, zoneFaults, zoneOf } from '../support/compiled.ts'

const ALLOW = ['https://i.test/status/*']

const issuers = (change: object) => ZONE.issuers.map((issuer) => ({ ...issuer, ...change }))
const issuerOf = (change: object): Issuer | undefined => zoneOf({ issuers: issuers(change) }).issuers[0]
const faultsOf = (change: object) => zoneFaults({ issuers: issuers(change) })
const faults = (statusLists: unknown) => faultsOf({ statusLists })

describe('the status lists of an issuer', () => {
  it('are read as configured, with a default for what is not said', () => {
    expect(issuerOf({ statusLists: { allow: ALLOW } })).toMatchObject({
      types: { entitlement: ['entitlement+jwt'], statuslist: ['statuslist+jwt'] },
      statusLists: { allow: ALLOW, staleMs: 3_600_000, cooldownMs: 30_000, timeoutMs: 3000 },
    })
    expect(issuerOf({ statusLists: { allow: ALLOW, maxStaleSeconds: 0, timeoutSeconds: 1 } })).toMatchObject({
      statusLists: { staleMs: 0, timeoutMs: 1000 },
    })
  })

  it('are its own to sign only where they are configured', () => {
    const plain = issuerOf({})
    expect(plain?.types).toEqual({ entitlement: ['entitlement+jwt'], event: ['secevent+jwt'] })
    expect(plain !== undefined && 'statusLists' in plain).toBe(false)
  })

  it('may be those of an issuer with types of its own', () => {
    expect(issuerOf({ types: { entitlement: 'at+jwt' }, statusLists: { allow: ALLOW } })?.types).toEqual({
      entitlement: ['at+jwt'],
      statuslist: ['statuslist+jwt'],
    })
  })

  const entries = [
    'https://i.test/status/1',
    'https://i.test/*',
    'https://i.test:8443/status/*',
    'https://i.test/lists?of=*',
    'http://127.0.0.1:8789/status/*',
    'http://localhost/status/*',
  ]
  it.each(entries)('may be at %s', (entry) => expect(faults({ allow: [entry] })).toEqual([]))

  const bad = [
    '*',
    'https://*',
    'https://i.test*',
    'https://i.test',
    'https://i.test:443/status/*',
    'https://I.test/status/*',
    'https://*.i.test/status/*',
    'https://i.test/*/status/*',
    'https://i.test/status/**',
    'https://i.test/a/../status/*',
    'https://i.test/status/%2e%2e/*',
    'https://me@i.test/status/*',
    'https://me:secret@i.test/status/*',
    'https://i.test/status/1#*',
    'http://i.test/status/*',
    'ftp://i.test/status/*',
    'data:*',
    ' https://i.test/status/*',
    7,
  ]
  it.each(bad)('may not be at %j', (entry) =>
    expect(faults({ allow: [entry] }).map(({ path }) => path)).toEqual(['zones[0].issuers[0].statusLists.allow[0]']),
  )

  const wrong: [name: string, statusLists: unknown, path: string][] = [
    ['no list', { allow: [] }, '.allow'],
    ['no list of lists', {}, '.allow'],
    ['an hour that is negative', { allow: ALLOW, maxStaleSeconds: -1 }, '.maxStaleSeconds'],
    ['no time', { allow: ALLOW, timeoutSeconds: 0 }, '.timeoutSeconds'],
    ['what is no option', { allow: ALLOW, ttl: 5 }, '.ttl'],
    ['true', true, ''],
  ]
  it.each(wrong)('with %s have that one fault', (_name, given, path) =>
    expect(faults(given).map((fault) => fault.path)).toEqual([`zones[0].issuers[0].statusLists${path}`]),
  )

  it('have a type that may stand for nothing else', () => {
    const found = faultsOf({ types: { entitlement: 'application/StatusList+jwt' } })
    expect(found.map(({ path }) => path)).toEqual(['zones[0].issuers[0].types.entitlement'])
  })
})
