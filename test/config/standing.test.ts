import { describe, expect, it } from 'vitest'
import { compile } from '../../src/config/config.ts'
import type { Options } from '../../src/index.ts'
import { ZONE } from '../support/compiled.ts'

function compiled(standing: unknown, ...maxLifetimes: number[]) {
  const issuers = maxLifetimes.map((maxLifetimeSeconds, index) => {
    const issuer = `https://i${index}.test`
    return { issuer, jwks: { url: `${issuer}/jwks` }, maxLifetimeSeconds }
  })
  const zone = { ...ZONE, issuers, ...(standing === undefined ? {} : { standing }) }
  return compile({ zones: [zone] } as Options, {}, { needsOrigin: true })
}

function policyOf(standing: unknown, ...maxLifetimes: number[]) {
  const given = compiled(standing, ...maxLifetimes)
  return given.ok ? given.value.sites.get('a.test')?.zone.standing : given.error
}

describe('how soon what is said of accounts holds', () => {
  it('is five seconds unless something else is said, and refused is while it cannot be known', () => {
    const refuses = { boundMs: 5000, serveMs: 0 }
    expect(policyOf(undefined, 60)).toMatchObject(refuses)
    expect(policyOf({ whenUnavailable: 'refuse' }, 60)).toMatchObject(refuses)
    expect(policyOf({ boundSeconds: 1, whenUnavailable: { serveSeconds: 60 } }, 60)).toMatchObject({
      boundMs: 1000,
      serveMs: 60_000,
    })
  })

  it('matters for as long as the longest token lives, with the tolerance of a clock at both ends', () => {
    expect(policyOf(undefined, 60, 86_400, 3600)).toMatchObject({ longestTokenSeconds: 86_410 })
  })

  it.each([
    [{ boundSeconds: 0 }, 'boundSeconds'],
    [{ boundSeconds: 61 }, 'boundSeconds'],
    [{ whenUnavailable: 'serve' }, 'whenUnavailable'],
    [{ whenUnavailable: { serveSeconds: 0 } }, 'whenUnavailable'],
    [{ whenUnavailable: { serveSeconds: 86_401 } }, 'whenUnavailable'],
    [{ whenUnavailable: {} }, 'whenUnavailable'],
    [{ bound: 5 }, 'bound'],
  ])('%j is a fault', (standing, name) => {
    const faults = compiled(standing, 60)
    expect(faults.ok ? [] : faults.error.map(({ path }) => path)).toEqual([expect.stringContaining(`standing.${name}`)])
  })
})
