import { expect, it } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { bearer, type Meter } from '../../src/index.ts'
import type { MeterPlugin } from '../../src/meters/plugin.ts'
import { createGate } from '../../src/gate.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { SDK_TOKEN_PLACES } from '../../src/rails/placesalone.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const plain: Meter = {
  name: 'plain',
  counted: [],
  classify: () => 'metered',
  bound: () => ok({ amount: { counts: [] } }),
  measure: (response) => ok({ response, used: () => undefined }),
}
const ofModels: MeterPlugin = { ...plain, places: SDK_TOKEN_PLACES, credentialStatus: 401 }

/** Asks a zone of which one route has such a meter. */
async function ask(path: string, headers: Record<string, string>) {
  const routes = [
    { path: '/models/*', requires: 'api', meter: ofModels },
    { path: '/lenient/*', requires: 'api', meter: ofModels, credentials: 402 as const },
    { path: '/other/*', requires: 'api' },
    { path: '/free/*', free: true as const },
  ]
  const platform = memory({}, {}, { log: () => undefined })
  const gate = createGate(ok(compiled({ zones: [{ ...ZONE, rails: [bearer()], routes }] })), platform)
  const upstream = {
    origin: async () => ok({ response: new Response('the page') }),
    purge: async () => true,
  }
  const response = await gate.answer(new Request(`https://a.test${path}`, { headers }), upstream, () => undefined)
  const text = await response.text()
  return { status: response.status, reason: text.startsWith('{') ? (JSON.parse(text) as object) : text }
}

const malformed = expect.objectContaining({ reason: 'credential-malformed' })
const required = expect.objectContaining({ reason: 'payment-required' })

it.each([
  ['in the field of an SDK', '/models/1', { 'x-api-key': 'sk-of-another' }, 401, malformed],
  ['in another such field', '/models/1', { 'x-goog-api-key': 'AIza' }, 401, malformed],
  ['in no field', '/models/1', {}, 402, required],
  ['in an empty field', '/models/1', { 'x-api-key': ' ' }, 402, required],
  ['where the route says 402 of credentials', '/lenient/1', { 'x-api-key': 'sk-of-another' }, 402, required],
  ['where the field may be meant for the origin', '/other/1', { 'x-api-key': 'sk-of-another' }, 402, required],
  ['where nothing is asked for', '/free/1', { 'x-api-key': 'sk-of-another' }, 200, 'the page'],
])('a key of another service %s', async (_where, path, fields, status, reason) => {
  expect(await ask(path, fields)).toEqual({ status, reason })
})
