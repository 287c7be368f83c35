import { describe, expect, it } from 'vitest'
import { compile, type Fault } from '../src/config.ts'
import type { Options } from '../src/index.ts'

const issuer = { issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }

function compiled(standing: unknown, issuers: readonly object[] = [issuer]) {
  const zone = {
    name: 'a',
    hosts: ['a.test'],
    audience: 'https://a.test',
    issuers,
    origin: { servers: [{ url: 'https://o.test' }] },
    routes: [],
    unmatched: 'free',
    remedies: { documentation: 'https://d.test/' },
    ...(standing === undefined ? {} : { standing }),
  }
  return compile({ zones: [zone] } as unknown as Options, {}, { needsOrigin: true })
}

function policyOf(standing: unknown, issuers?: readonly object[]) {
  const found = compiled(standing, issuers)
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  return found.value.sites.get('a.test')?.zone.standing
}

function faultsOf(standing: unknown): readonly Fault[] {
  const found = compiled(standing)
  return found.ok ? [] : found.error
}

describe('how soon what is said of an account holds', () => {
  it('is five seconds, and refusal where it cannot be known, where nothing is said', () => {
    expect(policyOf(undefined)).toEqual({ boundMs: 5000, serveMs: 0, longestTokenSeconds: 86_410 })
    expect(policyOf({ whenUnavailable: 'refuse' })).toEqual(policyOf(undefined))
  })

  it('is as the operator says', () => {
    const policy = policyOf({ boundSeconds: 2, whenUnavailable: { serveSeconds: 300 } })
    expect(policy).toMatchObject({ boundMs: 2000, serveMs: 300_000 })
  })

  it('is remembered for as long as the longest token of any issuer, and its clock', () => {
    const other = { ...issuer, issuer: 'https://j.test', maxLifetimeSeconds: 200_000, clockToleranceSeconds: 60 }
    expect(policyOf(undefined, [issuer, other])?.longestTokenSeconds).toBe(200_120)
  })

  it.each([
    ['a bound of nothing', { boundSeconds: 0 }, 'zones[0].standing.boundSeconds'],
    ['a bound of hours', { boundSeconds: 3600 }, 'zones[0].standing.boundSeconds'],
    ['another word', { whenUnavailable: 'serve' }, 'zones[0].standing.whenUnavailable'],
    ['serving without end', { whenUnavailable: {} }, 'zones[0].standing.whenUnavailable'],
    ['what is no option', { bound: 5 }, 'zones[0].standing.bound'],
  ])('is not %s', (_what, standing, path) => {
    expect(faultsOf(standing).map((fault) => fault.path)).toEqual([path])
  })
})
