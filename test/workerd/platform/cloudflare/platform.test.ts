import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { cloudflare } from '../../../../src/platform/cloudflare/platform.ts'
import { web } from '../../../../src/platform/web/index.ts'
import { platformContract } from '../../../platform/contract.ts'

const sender = {
  fields: { 'cf-connecting-ip': '::ffff:192.0.2.7' },
  address: '192.0.2.7',
  init: { cf: { country: 'DE' } } as RequestInit,
}

describe('Cloudflare Workers', () => platformContract(cloudflare, { bindings: { ...env }, hasLedgers: true, sender }))

describe('Cloudflare Workers, with nothing bound', () => platformContract(cloudflare, { hasLedgers: false, sender }))

describe('what every runtime of the web has, in workerd', () => platformContract(web, { hasLedgers: false }))

describe('a request on Cloudflare', () => {
  const request = (cf?: object, headers = {}): Request =>
    new Request('https://a.test/', { headers, ...(cf && { cf }) } as RequestInit)

  it('comes from the country that the runtime says, and not from one that the request names', () => {
    const { countryOf } = cloudflare({})
    expect(countryOf?.(request({ country: 'DE' }, { 'cf-ipcountry': 'FR' }))).toBe('DE')
    expect(countryOf?.(request({}, { 'cf-ipcountry': 'FR' }))).toBeUndefined()
    expect(countryOf?.(request(undefined, { 'cf-ipcountry': 'FR' }))).toBeUndefined()
    expect(countryOf?.(request({ country: 49 }))).toBeUndefined()
  })

  it('comes from nobody if the runtime is not Cloudflare: a workerd of its own passes on what a client wrote', () => {
    const headers = { 'cf-connecting-ip': '192.0.2.7' }
    expect(cloudflare({}).clientAddress(request({ clientIp: '203.0.113.9:4711' }, headers))).toBeUndefined()
  })
})
