import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../../tools/loopback.ts'
import { ROOT } from '../slow/bundles.ts'
import { startForFile } from '../slow/startforfile.ts'
import { type KilledGate, SECRET, startKilledGate } from './gate.ts'
import { documented, run } from './programs.ts'
import { PYTHON } from './python.setup.ts'

const gate: KilledGate = await startForFile(startKilledGate())
const RULES = documented('groups:')
const SCRAPE = documented('scrape_configs:')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(ROOT, '.faregate/prometheus-'))
  writeFileSync(join(folder, 'rules.yml'), RULES)
  writeFileSync(join(folder, 'secret'), SECRET)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Family {
  readonly name: string
  readonly type: string
  readonly unit: string
  readonly help: string
  readonly samples: readonly {
    readonly name: string
    readonly labels: Record<string, string>
    readonly value: number
  }[]
}

async function families(): Promise<readonly Family[]> {
  return JSON.parse(await run(PYTHON, [join(import.meta.dirname, 'parse.py')], await gate.scrape())) as Family[]
}

const valueOf = (all: readonly Family[], sample: string): number =>
  all.flatMap(({ samples }) => samples).reduce((sum, { name, value }) => sum + (name === sample ? value : 0), 0)

describe('the text of the metrics', () => {
  beforeAll(async () => {
    for (let round = 0; round < 3; round++) {
      await gate.ask(`/reports/${round}`, 'ann')
      await gate.ask(`/metered/${round}`, 'ann')
      await gate.ask('/reports/1', 'poor')
      await gate.ask('/reports/1')
      await gate.ask('/elsewhere')
    }
    const isThere = async (): Promise<boolean> => {
      const text = await gate.scrape()
      return text.includes('faregate_requests_total{') && text.includes('faregate_revenue{')
    }
    await vi.waitUntil(isThere, { timeout: 60_000, interval: 200 })
  })

  it('is OpenMetrics to the parser of its reference client, with the money to the last digit', async () => {
    const all = await families()
    expect(all.length).toBeGreaterThan(8)
    await expect.poll(async () => valueOf(await families(), 'faregate_charges_total'), { timeout: 60_000 }).toBe(6)
    expect(valueOf(await families(), 'faregate_revenue')).toBeCloseTo(0.78, 9)
  })

  it('follows the conventions of names: a prefix, base units that end the name and are said, words of help', async () => {
    for (const { name, unit, help, type, samples } of await families()) {
      expect(name).toMatch(/^faregate_[a-z]+(?:_[a-z]+)*$/)
      expect(name).not.toMatch(/_(?:total|created|count|sum|bucket|info)$/)
      expect(help).toMatch(/^[A-Z].*\.$/)
      if (unit !== '') expect(name.endsWith(`_${unit}`)).toBe(true)
      const ending = /_(seconds|bytes)$/.exec(name)?.[1]
      expect(unit).toBe(ending ?? '')
      for (const sample of samples) expect(sample.name).toMatch(SAMPLES[type] ?? /^never$/)
    }
  })

  const SAMPLES: Readonly<Record<string, RegExp>> = { counter: /_total$/, histogram: /_bucket$/, gauge: /[a-z]$/ }
})

describe('the alerts of the documentation', () => {
  it('are rules to promtool', async () => {
    const said = await run('promtool', ['check', 'rules', join(folder, 'rules.yml')])
    expect(said).toContain(`SUCCESS: ${RULES.split('- alert:').length - 1} rules found`)
  })

  it('speak of series that the gate has', async () => {
    const all = await families()
    for (const [, name = ''] of RULES.matchAll(/(faregate_\w+)[{[]/g)) {
      const known = all.map((family) => (family.type === 'counter' ? `${family.name}_total` : family.name))
      expect(known).toContain(name)
    }
  })

  it('fire when they should, and are silent when they should', async () => {
    const file = join(folder, 'test.yml')
    writeFileSync(file, RULE_TESTS)
    expect(await run('promtool', ['test', 'rules', file])).toContain('SUCCESS')
  })
})

describe('a Prometheus that scrapes as the documentation says', () => {
  let [url, stop]: [string, () => Promise<void>] = ['', async () => undefined]
  beforeAll(async () => {
    const port = await freePort()
    const config = SCRAPE.replace('https', 'http')
      .replace('/etc/prometheus/faregate', join(folder, 'secret'))
      .replace('www.example.com', gate.address)
    const seconds = 'global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: [rules.yml]\n'
    writeFileSync(join(folder, 'prometheus.yml'), seconds + config)
    await run('promtool', ['check', 'config', join(folder, 'prometheus.yml')])
    const options = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`]
    const child = spawn('prometheus', [...options, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    url = `http://127.0.0.1:${port}`
    const ended = once(child, 'exit')
    stop = async () => {
      child.kill('SIGTERM')
      await ended
    }
    const isReady = async (): Promise<boolean> => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true
    await vi.waitUntil(isReady, { timeout: 60_000, interval: 200 })
  })
  afterAll(() => stop())

  const query = async (
    text: string,
  ): Promise<readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: text })}`)
    const { data } = (await answer.json()) as { data: { result: [] } }
    return data.result
  }
  const number = async (text: string): Promise<number> => Number((await query(text))[0]?.value[1])

  it('is let in by the file of credentials, and reads what the gate says', async () => {
    await expect.poll(() => number('up{job="faregate"}'), { timeout: 60_000 }).toBe(1)
    await expect.poll(() => number('sum(faregate_charges_total)'), { timeout: 60_000 }).toBe(6)
    const { data } = (await (await fetch(`${url}/api/v1/metadata`)).json()) as {
      data: Record<string, { type: string; unit: string }[]>
    }
    expect(data['faregate_requests']?.[0] ?? data['faregate_requests_total']?.[0]).toMatchObject({ type: 'counter' })
    expect(data['faregate_request_duration_seconds']?.[0]).toMatchObject({ type: 'histogram', unit: 'seconds' })
    expect(
      await number('histogram_quantile(0.95, sum by (le) (faregate_request_duration_seconds_bucket))'),
    ).toBeGreaterThan(0)
  })

  it('tells of charges whose end nobody reported, when a gate was killed, and sees no counter fall', async () => {
    await expect.poll(() => number('sum(faregate_charges_unsettled_total)'), { timeout: 60_000 }).toBe(0)
    const lost = Array.from({ length: 8 }, (_, page) => gate.ask(`/reports/wait-${page}`, 'ann').catch(() => 0))
    await expect.poll(() => gate.waiting.length, { timeout: 60_000 }).toBe(8)
    await gate.killAndStart()
    await Promise.all(lost)
    await gate.ask('/reports/after', 'ann')
    await expect.poll(() => number('sum(faregate_charges_unsettled_total)'), { timeout: 60_000 }).toBe(8)
    const firing = async (): Promise<readonly string[]> =>
      (await query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric['alertname'] ?? '')
    await expect.poll(firing, { timeout: 60_000 }).toContain('ChargesUnsettled')
    const names = (await families()).flatMap(({ samples }) => samples.map(({ name }) => name))
    const counters = new Set(names.filter((name) => /_(?:total|bucket)$/.test(name)))
    expect(counters.size).toBeGreaterThan(8)
    for (const name of counters) expect([name, await query(`resets(${name}[1h]) > 0`)]).toEqual([name, []])
  })
})

/** Minutes of series as the gate writes them. The alert on customers waits ten minutes, that on failures five. */
const RULE_TESTS = `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - name: customers with genuine credentials are refused
    interval: 1m
    input_series:
      - { series: 'faregate_refusals_total{zone="news",reason="ledger-unavailable",credential="verified",rail="bearer"}', values: '0+30x30' }
      - { series: 'faregate_refusals_total{zone="news",reason="payment-required"}', values: '0+3000x30' }
      - { series: 'faregate_refusals_total{zone="news",reason="credential-invalid",credential="refused"}', values: '0+3000x30' }
    alert_rule_test:
      - { eval_time: 5m, alertname: CustomersRefused, exp_alerts: [] }
      - eval_time: 20m
        alertname: CustomersRefused
        exp_alerts: [{ exp_labels: {}, exp_annotations: { summary: 'Customers with genuine credentials are refused' } }]
  - name: those who have not paid, and credentials that are not genuine, alert nobody
    interval: 1m
    input_series:
      - { series: 'faregate_refusals_total{zone="news",reason="payment-required"}', values: '0+3000x30' }
      - { series: 'faregate_refusals_total{zone="news",reason="credential-invalid",credential="refused",rail="bearer"}', values: '0+3000x30' }
      - { series: 'faregate_refusals_total{zone="news",reason="usage-limit-reached",credential="verified",rail="bearer"}', values: '0+3000x30' }
    alert_rule_test:
      - { eval_time: 25m, alertname: CustomersRefused, exp_alerts: [] }
  - name: charges are closed without a report
    interval: 1m
    input_series:
      - { series: 'faregate_charges_unsettled_total{zone="news",route="/reports/*",rail="account"}', values: '0x5 8x20' }
    alert_rule_test:
      - { eval_time: 4m, alertname: ChargesUnsettled, exp_alerts: [] }
      - eval_time: 10m
        alertname: ChargesUnsettled
        exp_alerts: [{ exp_labels: {}, exp_annotations: { summary: 'Charges were closed without a report of their end' } }]
      - { eval_time: 25m, alertname: ChargesUnsettled, exp_alerts: [] }
  - name: answers of 5xx
    interval: 1m
    input_series:
      - { series: 'faregate_requests_total{zone="news",route="/a/*",decision="serve",status="2xx"}', values: '0+100x30' }
      - { series: 'faregate_requests_total{zone="news",route="/a/*",decision="refuse",status="5xx"}', values: '0x5 0+5x25' }
    alert_rule_test:
      - { eval_time: 5m, alertname: GateFails, exp_alerts: [] }
      - eval_time: 25m
        alertname: GateFails
        exp_alerts: [{ exp_labels: {}, exp_annotations: { summary: 'More than two in a hundred requests are answered 5xx' } }]
`
