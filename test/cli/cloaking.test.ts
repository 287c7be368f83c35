import { describe, expect, it } from 'vitest'
import { unmarkedPaywalls } from '../../cli/check/cloaking.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import { freeReading, html, searchCrawlers } from '../../src/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const crawlers = searchCrawlers({ verify: ['googlebot'] })
const issuers = [{ issuer: 'https://i.test', secret: 'SECRET' }]
const secret = '0123456789abcdef0123456789abcdef'

function warnings(zone: Partial<ZoneOptions>): string[] {
  const zones = [{ ...ZONE, issuers, routes: [{ path: '/articles/*', requires: 'premium' }], ...zone }]
  return unmarkedPaywalls(compiled({ zones, secrets: { gate: 'GATE' } }, { SECRET: secret, GATE: secret }))
}

describe('a zone that lets search crawlers in', () => {
  it.each([[[]], [[html()]], [[html({ markPaywalled: false })]]])(
    'is warned of if its refusals do not say that pages are not free (%#)',
    (refusals) =>
      expect(warnings({ exemptions: [crawlers], refusals })).toEqual([
        expect.stringMatching(/^zone \S+: exemptions \(crawler\) .*cloaking.*html\(\{ markPaywalled: true \}\)/),
      ]),
  )

  it('is not warned of if they do', () => {
    expect(warnings({ exemptions: [crawlers], refusals: [html({ markPaywalled: true })] })).toEqual([])
  })
})

it('A zone whose exemptions show search engines nothing is not warned of', () => {
  expect(warnings({ exemptions: [freeReading({ views: 3 })], refusals: [html()] })).toEqual([])
  expect(warnings({})).toEqual([])
})
