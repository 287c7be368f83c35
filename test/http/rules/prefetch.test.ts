import { describe, expect, it } from 'vitest'
import { isPrefetch } from '../../../src/http/rules/prefetch.ts'

const ahead: [name: string, value: string][] = [
  ['Sec-Purpose', 'prefetch'],
  ['Sec-Purpose', 'prefetch;prerender'],
  ['Sec-Purpose', 'prefetch; prerender'],
  ['Sec-Purpose', 'prefetch;anonymous-client-ip'],
  ['Sec-Purpose', 'prefetch;prerender;preview'],
  ['Sec-Purpose', 'PREFETCH'],
  ['Sec-Purpose', 'something, prefetch'],
  ['Purpose', 'prefetch'],
  ['Purpose', 'preview'],
  ['Purpose', 'prerender'],
  ['X-Purpose', 'preview'],
  ['X-Purpose', ': preview'],
  ['X-Purpose', 'prefetch'],
  ['X-Purpose', 'instant'],
  ['X-Sec-Purpose', 'prefetch'],
  ['X-Moz', 'prefetch'],
  ['x-moz', 'Prefetch'],
  ['Next-Router-Prefetch', '1'],
  ['X-Middleware-Prefetch', '1'],
  ['HX-Preloaded', 'true'],
]

const asked: [name: string, value: string][] = [
  ['Sec-Purpose', ''],
  ['Sec-Purpose', 'prefetching'],
  ['Purpose', 'research'],
  ['Purpose', 'preview-build'],
  ['X-Purpose', 'no-prefetch'],
  ['X-Moz', ''],
  ['Next-Router-Prefetch', '0'],
  ['HX-Preloaded', 'false'],
  ['X-Requested-With', 'prefetch'],
  ['Sec-Fetch-Dest', 'prefetch'],
]

describe('a request', () => {
  it.each(ahead)('with %s: %s is only made ahead', (name, value) => {
    expect(isPrefetch(new Headers([[name, value]]))).toBe(true)
  })
  it.each(asked)('with %s: %s is not', (name, value) => {
    expect(isPrefetch(new Headers([[name, value]]))).toBe(false)
  })
})
