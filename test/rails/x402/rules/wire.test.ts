import { describe, expect, it } from 'vitest'
import { joinBase64Json, readBase64Json, toBase64Json } from '../../../../src/rails/x402/rules/base64json.ts'
import { chainPaymentName } from '../../../../src/rails/x402/rules/paymentname.ts'
import { tokenUnits } from '../../../../src/rails/x402/rules/requirements.ts'
import { readPayments } from '../../../../src/rails/x402/rules/wire.ts'

/** The sample of the specification of x402 v2 over HTTP. */
const AUTHORIZATION = {
  from: '0x857b06519E91e3A54538791bDbb0E22373e36b66',
  to: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  value: '10000',
  validAfter: '1740672089',
  validBefore: '1740672154',
  nonce: '0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480',
}
const SAMPLE =
  'eyJ4NDAyVmVyc2lvbiI6MiwicmVzb3VyY2UiOnsidXJsIjoiaHR0cHM6Ly9hcGkuZXhhbXBsZS5jb20vcHJlbWl1bS1kYXRhIiwiZGVzY3JpcHRpb24iOiJBY2Nlc3MgdG8gcHJlbWl1bSBtYXJrZXQgZGF0YSIsIm1pbWVUeXBlIjoiYXBwbGljYXRpb24vanNvbiJ9LCJhY2NlcHRlZCI6eyJzY2hlbWUiOiJleGFjdCIsIm5ldHdvcmsiOiJlaXAxNTU6ODQ1MzIiLCJhbW91bnQiOiIxMDAwMCIsImFzc2V0IjoiMHgwMzZDYkQ1Mzg0MmM1NDI2NjM0ZTc5Mjk1NDFlQzIzMThmM2RDRjdlIiwicGF5VG8iOiIweDIwOTY5M0JjNmFmYzBDNTMyOGJBMzZGYUYwM0M1MTRFRjMxMjI4N0MiLCJtYXhUaW1lb3V0U2Vjb25kcyI6NjAsImV4dHJhIjp7Im5hbWUiOiJVU0RDIiwidmVyc2lvbiI6IjIifX0sInBheWxvYWQiOnsic2lnbmF0dXJlIjoiMHgyZDZhNzU4OGQ2YWNjYTUwNWNiZjBkOWE0YTIyN2UwYzUyYzZjMzQwMDhjOGU4OTg2YTEyODMyNTk3NjQxNzM2MDhhMmNlNjQ5NjY0MmUzNzdkNmRhOGRiYmY1ODM2ZTliZDE1MDkyZjllY2FiMDVkZWQzZDYyOTNhZjE0OGI1NzFjIiwiYXV0aG9yaXphdGlvbiI6eyJmcm9tIjoiMHg4NTdiMDY1MTlFOTFlM0E1NDUzODc5MWJEYmIwRTIyMzczZTM2YjY2IiwidG8iOiIweDIwOTY5M0JjNmFmYzBDNTMyOGJBMzZGYUYwM0M1MTRFRjMxMjI4N0MiLCJ2YWx1ZSI6IjEwMDAwIiwidmFsaWRBZnRlciI6IjE3NDA2NzIwODkiLCJ2YWxpZEJlZm9yZSI6IjE3NDA2NzIxNTQiLCJub25jZSI6IjB4ZjM3NDY2MTNjMmQ5MjBiNWZkYWJjMDg1NmYyYWViMmQ0Zjg4ZWU2MDM3YjhjYzVkMDRhNzFhNDQ2MmYxMzQ4MCJ9fX0='

const sent = (fields: Record<string, string>) => readPayments(new Headers(fields))
const v2 = (over: object): string => toBase64Json(JSON.stringify({ ...(readBase64Json(SAMPLE) as object), ...over }))

describe('a payment in a field', () => {
  it('is read as the specification shows it, with addresses in lower case', () => {
    const read = sent({ 'payment-signature': SAMPLE })
    const { from, to, ...same } = AUTHORIZATION
    expect(read).toMatchObject({
      ok: true,
      value: [
        {
          version: 2,
          accepted: { network: 'eip155:84532', amount: '10000', extra: { name: 'USDC', version: '2' } },
          payload: { authorization: { ...same, from: from.toLowerCase(), to: to.toLowerCase() } },
        },
      ],
    })
  })

  const payload = (over: object): object => ({
    payload: { signature: '0xab', authorization: { ...AUTHORIZATION, ...over } },
  })
  it.each<[string, string]>([
    ['no base64', '{"x402Version":2}'],
    ['base64url', SAMPLE.replace(/=$/, '')],
    ['bits beyond the last byte', SAMPLE.replace(/0=$/, '1=')],
    ['no JSON', btoa('x402')],
    ['another version', v2({ x402Version: 3 })],
    ['the other version', v2({ x402Version: 1 })],
    ['more than 8 KB', v2({ extensions: 'x'.repeat(8192) })],
    ['a short address', v2(payload({ from: '0x12' }))],
    ['a value that is a number', v2(payload({ value: 10_000 }))],
    ['a value with a sign', v2(payload({ value: '+10000' }))],
    ['a nonce of 31 bytes', v2(payload({ nonce: `0x${'7'.repeat(62)}` }))],
    ['no signature', v2({ payload: { authorization: AUTHORIZATION } })],
  ])('is none of: %s', (_what, value) => {
    expect(sent({ 'payment-signature': value })).toMatchObject({ error: { reason: 'credential-malformed' } })
  })

  it('is ambiguous if there are two in one field', () => {
    expect(sent({ 'payment-signature': `${SAMPLE}, ${SAMPLE}` })).toMatchObject({
      error: { reason: 'credential-ambiguous' },
    })
  })
})

it('base64 of a JSON text whose end was encoded before is that of one JSON text', () => {
  for (const text of ['', 'a', 'ab', 'abc', 'é', '\u{1f4b8}', '"\\']) {
    const joined = joinBase64Json(`{"a":${JSON.stringify(text)}`, toBase64Json(',"b":[1,"ü"]}'))
    expect(readBase64Json(joined)).toEqual({ a: text, b: [1, 'ü'] })
  }
})

it.each<[bigint, number, bigint | undefined]>([
  [750_000_000n, 6, 750_000n],
  [10_000_000n, 6, 10_000n],
  [500n, 6, undefined],
  [1000n, 6, 1n],
  [1n, 9, 1n],
  [1n, 18, 1_000_000_000n],
  [1_000_000_000n, 0, 1n],
  [1_500_000_000n, 0, undefined],
])('%s billionths are in a token with %s decimals %s units', (units, decimals, expected) => {
  expect(tokenUnits({ units, currency: 'USD' }, decimals)).toBe(expected)
})

it('the name of a payment has no upper case on chains of Ethereum, and on others as it is', () => {
  const of = { network: 'eip155:84532', asset: '0xAB', from: '0xCD', nonce: '0xEF' }
  expect(chainPaymentName(of)).toBe('["eip155:84532","0xab","0xcd","0xef"]')
  expect(chainPaymentName({ ...of, network: 'solana:5eykt' })).toBe('["solana:5eykt","0xAB","0xCD","0xEF"]')
})
