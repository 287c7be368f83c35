import { describe, expect, it } from 'vitest'
import type { MeasureOptions } from '../../src/index.ts'
import { reported } from '../../src/index.ts'

const meter = reported({ most: { rows: 1000, bytes: 5 } })
const HOW: MeasureOptions = {
  left: new AbortController().signal,
  waitUntil: () => undefined,
  bound: { amount: { counts: [] } },
}

async function usedBy(field: string | undefined, byApp?: Record<string, bigint>): Promise<unknown> {
  const response = new Response('x', { headers: field === undefined ? {} : { 'faregate-usage': field } })
  const measured = await meter.measure(response, {}, { ...HOW, reported: () => byApp })
  return measured.ok ? (await measured.value.used())?.counts : measured
}

describe('the meter of what is reported', () => {
  it.each<[string, string | undefined, Record<string, bigint> | undefined]>([
    ['one count', 'rows=12', { rows: 12n }],
    ['several', 'rows=12, bytes=0', { rows: 12n, bytes: 0n }],
    ['one that is told twice, the last', 'rows=12, rows=13', { rows: 13n }],
    ['parameters', 'rows=12;unit="row"', { rows: 12n }],
    ['the longest integer', 'rows=999999999999999', { rows: 999_999_999_999_999n }],
    ['nothing', undefined, undefined],
    ['less than nothing', 'rows=-1', undefined],
    ['a decimal', 'rows=1.5', undefined],
    ['a string', 'rows="12"', undefined],
    ['a token', 'rows=many', undefined],
    ['a boolean', 'rows', undefined],
    ['an inner list', 'rows=(1 2)', undefined],
    ['one count of two', 'rows=12, bytes=x', undefined],
    ['a number alone', '12', undefined],
    ['JSON', '{"rows":12}', undefined],
    ['too long an integer', 'rows=9999999999999999', undefined],
  ])('reads a field with %s', async (_what, field, counts) => {
    expect(await usedBy(field)).toEqual(counts && Object.entries(counts).map(([name, units]) => ({ name, units })))
  })

  it('reads an empty field as one that tells nothing', async () => {
    expect(await usedBy('')).toEqual([])
  })

  it('believes the app behind the middleware before a field', async () => {
    expect(await usedBy('rows=1', { rows: 7n })).toEqual([{ name: 'rows', units: 7n }])
  })

  it('bounds each request by the most', async () => {
    const bound = await meter.bound({ exchange: undefined as never, content: undefined, account: undefined })
    expect(bound).toMatchObject({
      value: {
        amount: {
          counts: [
            { name: 'rows', units: 1000n },
            { name: 'bytes', units: 5n },
          ],
        },
      },
    })
    expect(meter.counted).toEqual(['rows', 'bytes'])
  })
})
