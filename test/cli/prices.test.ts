import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { datedRates, decimalOf, exactIds, pricedModel, type PricedModel } from '../../cli/prices/genaiprices.ts'
import { runCommandLine } from '../../cli/program.ts'
import { listText } from '../../tools/prices.ts'

const root = join(import.meta.dirname, '../..')

describe('the file of the price list', () => {
  it('is what the tool writes from its sources', () => {
    expect(readFileSync(join(root, 'src/meters/llm/pricelist.ts'), 'utf8')).toBe(listText())
  })
})

const model = (prices: unknown, match: unknown = {}): PricedModel => ({ id: 'model', match, prices: prices as never })

describe('a price of genai-prices', () => {
  it.each([
    [0.0375, '0.0375'],
    [2.5, '2.5'],
    [10, '10'],
    [0.000000001, '0.000000001'],
    [0.1 + 0.2, '0.3'],
    [0, '0'],
  ])('of %d is %s', (value, expected) => {
    expect(decimalOf(value)).toBe(expected)
  })

  it('is a rate by its class, and a fee by the piece', () => {
    const prices = {
      input_mtok: 3,
      output_mtok: 15,
      cache_read_mtok: 0.3,
      cache_write_mtok: 3.75,
      cache_write_1h_mtok: 6,
    }
    expect(datedRates(model({ ...prices, web_searches_kcount: 10 }), 'anthropic', '2026-11-28')).toEqual({
      rates: {
        input: '3',
        output: '15',
        cacheRead: '0.3',
        cacheWrite: '3.75',
        cacheWriteLong: '6',
        each: { webSearch: '0.01' },
      },
    })
  })

  it('of a long prompt is that of every class, whether it changes or not', () => {
    const tiers = [{ start: 200_000, price: 4 }]
    const prices = { input_mtok: { base: 2, tiers }, output_mtok: 12 }
    expect(datedRates(model(prices), 'openai', '2026-11-28')).toEqual({
      rates: { input: '2', output: '12', above: { tokens: 200_000, rates: { input: '4', output: '12' } } },
    })
  })

  it('is the one of the day, with the one that is announced', () => {
    const prices = [
      { prices: { input_mtok: 1, output_mtok: 4 } },
      { constraint: { start_date: '2027-01-01' }, prices: { input_mtok: 3, output_mtok: 4 } },
      { constraint: { start_date: '2026-08-01' }, prices: { input_mtok: 2, output_mtok: 4 } },
    ]
    const on = (day: string) => datedRates(model(prices), 'openai', day)
    expect(on('2026-07-31')).toMatchObject({
      rates: { input: '1' },
      next: { from: '2026-08-01', rates: { input: '2' } },
    })
    expect(on('2026-08-01')).toMatchObject({
      rates: { input: '2' },
      next: { from: '2027-01-01', rates: { input: '3' } },
    })
    expect(on('2027-01-01')).toEqual({ rates: { input: '3', output: '4' } })
  })

  it('of media is that of text where a provider counts them apart and prices them alike', () => {
    const prices = { input_mtok: 1, output_mtok: 4, input_audio_mtok: 3 }
    expect(datedRates(model(prices), 'google', '2026-11-28')?.rates).toMatchObject({ inputAudio: '3', inputImage: '1' })
    expect(datedRates(model(prices), 'openai', '2026-11-28')?.rates.inputImage).toBeUndefined()
  })

  it.each([
    [
      'two thresholds',
      {
        input_mtok: {
          base: 1,
          tiers: [
            { start: 1, price: 2 },
            { start: 2, price: 3 },
          ],
        },
        output_mtok: 1,
      },
    ],
    [
      'thresholds that differ by class',
      {
        input_mtok: { base: 1, tiers: [{ start: 1, price: 2 }] },
        output_mtok: { base: 1, tiers: [{ start: 2, price: 2 }] },
      },
    ],
    ['a class that rates do not have', { input_mtok: 1, output_mtok: 1, output_video_mtok: 9 }],
    ['hours', { input_audio_hours: 0.36 }],
    ['nothing', {}],
  ])('with %s is none of ours', (_name, prices) => {
    expect(datedRates(model(prices), 'openai', '2026-11-28')).toBeUndefined()
  })

  it('is found by an exact id alone', () => {
    const match = { or: [{ equals: 'a-1' }, { starts_with: 'a' }, { regex: '^a' }, { or: [{ equals: 'a-2' }] }] }
    const provider = { id: 'openai', models: [model({}, match)] }
    expect(exactIds(match)).toEqual(['a-1', 'a-2'])
    expect(pricedModel(provider, 'a-2')).toBe(provider.models[0])
    expect(pricedModel(provider, 'a-3')).toBeUndefined()
  })
})

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'faregate-prices-'))))
afterEach(() => rmSync(folder, { recursive: true }))

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...args: readonly string[]): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    env: {},
    cwd: folder,
    isInteractive: false,
    print: (line: string) => void out.push(line),
    complain: (line: string) => void err.push(line),
  }
  const code = await runCommandLine(['prices', ...args], terminal)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

const SOURCE = [
  {
    id: 'anthropic',
    models: [
      {
        id: 'claude-opus-5',
        match: { equals: 'claude-opus-5' },
        prices: {
          input_mtok: 6,
          output_mtok: 30,
          cache_read_mtok: 0.5,
          cache_write_mtok: 6.25,
          cache_write_1h_mtok: 10,
        },
      },
      { id: 'claude-opus-4-8', match: { equals: 'claude-opus-4-8' }, prices: { input_mtok: 5000, output_mtok: 25 } },
      { id: 'claude-next', match: { equals: 'claude-next' }, prices: { input_mtok: 1, output_mtok: 5 } },
    ],
  },
]

function given(name: string, value: unknown): string {
  writeFileSync(join(folder, name), JSON.stringify(value))
  return name
}

function readBack(name: string): Record<string, { readonly rates: unknown; readonly limit?: unknown }> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, { rates: unknown; limit?: unknown }>
}

describe('the command that lists prices', () => {
  it('shows each model with its rates, limits, source and day', async () => {
    const { code, out } = await run('--provider', 'anthropic')
    expect(code).toBe(0)
    expect(out).toMatch(/^anthropic, in USD per million tokens; source: genai-prices/)
    expect(out).toMatch(/^claude-opus-4-8 +5 +0\.5 +6\.25 +10 +25 +1000000 +128000 +\d{4}-\d\d-\d\d$/m)
    expect(out).not.toContain('gpt')
  })

  it('prints the whole list as JSON', async () => {
    const { models } = JSON.parse((await run('--json')).out) as { models: { provider: string; source: string }[] }
    expect(new Set(models.map(({ provider }) => provider)).size).toBe(4)
    expect(models.every(({ source }) => source !== '')).toBe(true)
  })

  it.each([
    [['--provider', 'qianfan'], 'expected one of openai, anthropic, gemini, mistral, not "qianfan"'],
    [['--from', 'x.json'], '--from needs --update'],
    [['--update', '--write', 'x.json'], '--write needs --provider'],
    [['--update', '--own', 'x.json'], '--own needs --provider'],
    [['--add', 'x'], '--add needs --write'],
    [['--update', '--from', 'x.json'], 'there is no'],
  ])('refuses %j', async (args, expected) => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err).toContain(expected)
  })
})

describe('the command that compares prices', () => {
  it('says what to install if the project does not have the source', async () => {
    const { code, err } = await run('--update')
    expect(code).toBe(1)
    expect(err).toContain('npm install --save-dev @pydantic/genai-prices@latest')
  })

  it('finds nothing to change in the source that the list is from', async () => {
    const installed = join(root, 'node_modules/@pydantic/genai-prices')
    expect(existsSync(installed)).toBe(true)
    const out: string[] = []
    const terminal = { env: {}, cwd: root, isInteractive: false, print: (line: string) => void out.push(line) }
    expect(await runCommandLine(['prices', '--update', '--json'], { ...terminal, complain: () => undefined })).toBe(0)
    expect(JSON.parse(out.join('\n'))).toMatchObject({ changes: [], odd: [] })
  })

  it('shows what differs, what is odd, what it does not have and what is new', async () => {
    const { code, out } = await run('--update', '--provider', 'anthropic', '--from', given('source.json', SOURCE))
    expect(code).toBe(0)
    expect(out).toContain('anthropic claude-opus-5: input 5 → 6')
    expect(out).toContain('anthropic claude-opus-5: each.webSearch 0.01 → none')
    expect(out).toContain('anthropic claude-opus-4-8: input is not from 0.001 to 1000')
    expect(out).toMatch(/not compared.*\n.*claude-sonnet-5/)
    expect(out).toContain('it also has: claude-next')
  })

  it('writes nothing unless it is told to', async () => {
    await run('--update', '--provider', 'anthropic', '--from', given('source.json', SOURCE))
    expect(existsSync(join(folder, 'prices.json'))).toBe(false)
  })

  it('writes models to spread into a configuration, odd prices left as they were, and overwrites nothing', async () => {
    const from = ['--update', '--provider', 'anthropic', '--from', given('source.json', SOURCE)]
    const { code, out } = await run(...from, '--write', 'prices.json', '--add', 'claude-next')
    expect(code).toBe(0)
    expect(out).toContain('without limits, which the configuration has to say: claude-next')
    const models = readBack('prices.json')
    expect(models['claude-opus-5']).toMatchObject({
      rates: { input: '6', output: '30', regions: { us: '1.1' } },
      limit: { input: 1_000_000, output: 128_000 },
    })
    expect(models['claude-opus-4-8']).toMatchObject({ rates: { input: '5' } })
    expect(models['claude-next']).toEqual({ rates: { input: '1', output: '5' } })
    const again = await run(...from, '--write', 'prices.json')
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('left as it is')])
  })

  it('brings a file of models up to date, and leaves the rest of it alone', async () => {
    const own = {
      'claude-opus-5': {
        rates: { input: '5', output: '25', tiers: { fast: '2' } },
        requires: 'pro',
        limit: { input: 9, output: 9 },
      },
      'claude-opus-4-8': { rates: 'catalogue' },
    }
    const from = ['--update', '--provider', 'anthropic', '--from', given('source.json', SOURCE)]
    const { out } = await run(...from, '--own', given('mine.json', own), '--write', 'mine.json')
    expect(out).toContain('mine.json, and what')
    expect(out).toContain('anthropic claude-opus-5: input 5 → 6')
    expect(readBack('mine.json')).toEqual({
      'claude-opus-5': {
        rates: expect.objectContaining({ input: '6', output: '30', cacheRead: '0.5', tiers: { fast: '2' } }) as unknown,
        requires: 'pro',
        limit: { input: 9, output: 9 },
      },
      'claude-opus-4-8': { rates: 'catalogue' },
    })
  })

  it.each([
    ['a file that is no JSON', '{', 'Expected'],
    [
      'rates that are numbers',
      JSON.stringify({ 'claude-opus-5': { rates: { input: 5, output: '25' } } }),
      'rates.input: expected',
    ],
  ])('refuses %s', async (_name, text, expected) => {
    writeFileSync(join(folder, 'mine.json'), text)
    const from = ['--update', '--provider', 'anthropic', '--from', given('source.json', SOURCE)]
    const { code, err } = await run(...from, '--own', 'mine.json')
    expect(code).toBe(1)
    expect(err).toContain(expected)
  })

  it('refuses a source of another format', async () => {
    const { code, err } = await run('--update', '--from', given('source.json', { models: [] }))
    expect(code).toBe(1)
    expect(err).toContain('expected a list of providers')
  })
})
