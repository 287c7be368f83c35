import { describe, expect, it } from 'vitest'
import { missingMs, nanosOf, scrapedSums, toldSums } from '../../demo/crash-sums-audit.ts'
import { compareMetrics, Findings } from '../../tools/replay/compare.ts'
import { cellOf, numbersIn, readDashboard } from '../../tools/replay/page.ts'

const event = (charge: string, kind: string, change: string, kept: string) => ({
  id: `${charge}/${kind}`,
  source: 'faregate/crash',
  type: `faregate.usage.${kind}`,
  data: { charge, change: { price: { amount: change } }, kept: { price: { amount: kept } } },
})

describe('what billing was told', () => {
  it('is added up once, however often it comes, and what keeps nothing is no charge', () => {
    const told = [
      event('one', 'charge', '0.25', '0.25'),
      event('one', 'amend', '0', '0.25'),
      event('one', 'amend', '0', '0.25'),
      event('two', 'charge', '0.25', '0.25'),
      event('two', 'amend', '-0.25', '0'),
      event('three', 'charge', '0.000000001', '0.000000001'),
      event('three', 'unsettled', '0', '0.000000001'),
    ]
    expect(toldSums(told)).toEqual({ nanos: 250_000_001n, charges: 2, unsettled: 1, again: 1 })
  })

  it('has amounts to the last digit', () => {
    expect([nanosOf('0.1'), nanosOf('-12.000000001'), nanosOf('3')]).toEqual([
      100_000_000n,
      -12_000_000_001n,
      3_000_000_000n,
    ])
  })
})

it('a scrape counts the requests that were no scrapes', () => {
  const text = [
    'faregate_requests_total{zone="crash",route="/a/*",decision="serve",status="2xx"} 7',
    'faregate_requests_total{zone="crash",decision="own",status="2xx"} 5',
    'faregate_revenue{zone="crash",currency="USD"} 1.25',
    'faregate_charges_total{zone="crash"} 4',
    'faregate_charges_unsettled_total{zone="crash"} 1',
  ].join('\n')
  expect(scrapedSums(text)).toEqual({ nanos: 1_250_000_000n, charges: 4, unsettled: 1, requests: 7 })
})

it('what is missing after a kill is told by the time of the first answer that is', () => {
  expect([missingMs([1, 5, 9], 2, 10), missingMs([1, 5, 9], 0, 10), missingMs([1, 5, 9], 7, 10)]).toEqual([5, 0, 9])
})

describe('a comparison', () => {
  it('finds a number that differs, one that is not there, and one that should not be', () => {
    const findings = new Findings()
    const text = 'faregate_revenue{a="b"} 0.3\nfaregate_units{} 2\n# EOF\n'
    compareMetrics('at', text, { 'faregate_revenue{a="b"}': 300_000_001, 'faregate_charges_total{}': 1 }, findings)
    expect(findings.compared).toBe(2)
    expect(findings.mismatches).toEqual([
      'at faregate_revenue{a="b"}: 300000000 in place of 300000001',
      'at faregate_units{}: 2 in place of undefined',
      'at faregate_charges_total{}: not there',
    ])
  })

  it('reads figures as people do', () => {
    expect(
      ['1,234', '33.3 %', '50 ms', '1.2 s', 'none', 'over 30 s', 'nothing', '$1,300.25 + €0.075'].map(cellOf),
    ).toEqual([1234, 33.3, 50, 1200, null, 'over 30 s', {}, { USD: 1_300_250_000_000, EUR: 75_000_000 }])
    expect(numbersIn('1,202 refusals, most of them late (7).')).toEqual([1202, 7])
  })

  it('reads tiles, sentences and tables of a page', () => {
    const page = readDashboard(`<main><p>The last day, since May 1, up to May 2. Money is</p>
<ul><li class="look">Errors<strong>3</strong><small>answers of 5xx; 1 charges<br>2 the same time last week</small></li></ul>
<section><h2>Refusals</h2><figure><figcaption>4 refusals.</figcaption></figure>
<table><thead><tr><th scope="col">Reason</th><th scope="col">Refused</th></tr></thead><tbody><tr><th scope="row">a &amp; b</th><td>4</td></tr></tbody></table></section></main>`)
    expect(page).toEqual({
      since: 'May 1',
      now: 'May 2',
      tiles: new Map([['Errors', { value: 3, more: [5, 1], was: 2 }]]),
      sections: [
        { title: 'Refusals', finding: '4 refusals.', tables: [{ heads: ['Reason', 'Refused'], rows: [['a & b', 4]] }] },
      ],
    })
  })
})
