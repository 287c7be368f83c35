import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Authority, authorityOf } from '../../src/access/authority.ts'
import { capture } from '../../src/http/capture.ts'

const OURS = 'https://news.example'
const APP = 'https://app.example.com'
const ORIGINS: ReadonlySet<string> = new Set([APP])

type Fields = Readonly<Record<string, string>>

function exchange(method: string, headers: Fields) {
  const target = capture(new Request(`${OURS}/metered/1`), 0)
  const fields = new Headers(headers)
  return { ...target, method, fields: { get: (name: string) => fields.get(name) } }
}

const authority = (headers: Fields, method = 'GET'): Authority | undefined =>
  authorityOf(exchange(method, headers), 'host-cookie', ORIGINS)

const opening = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const user = { 'sec-fetch-user': '?1' }
const from = (site: string, rest: Fields = {}): Fields => ({ 'sec-fetch-site': site, ...rest })
const fetched = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }

const reads: [how: string, fields: Fields, goes: Authority][] = [
  ['a link in a newsletter', from('cross-site', { ...opening, ...user }), 'count'],
  ['a link on a sibling host', from('same-site', { ...opening, ...user }), 'count'],
  ['a redirect by script or <meta>', from('cross-site', opening), 'count'],
  ['a link of ours', from('same-origin', { ...opening, ...user }), 'spend'],
  ['the address bar', from('none', { ...opening, ...user }), 'spend'],
  ['a script of ours', from('same-origin', fetched), 'spend'],
  ['a frame of ours', from('same-origin', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }), 'spend'],
  ['a frame elsewhere', from('cross-site', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }), 'read'],
  ['an old frame elsewhere', from('cross-site', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'frame' }), 'read'],
  ['an embedded object', from('cross-site', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' }), 'read'],
  ['an image elsewhere', from('cross-site', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }), 'read'],
  ['a script elsewhere', from('cross-site', { ...fetched, origin: 'https://evil.example' }), 'read'],
  ['a script of a sibling host', from('same-site', { ...fetched, origin: 'https://sub.news.example' }), 'read'],
  ['a page that is allowed to read', from('same-site', { ...fetched, origin: APP }), 'count'],
  ['a page that is allowed to read, elsewhere', from('cross-site', { ...fetched, origin: APP }), 'count'],
  ['a frame in a page that is allowed to read', from('same-site', { 'sec-fetch-dest': 'iframe' }), 'read'],
  ['a mode that is none', from('cross-site', { 'sec-fetch-mode': 'Navigate', 'sec-fetch-dest': 'document' }), 'read'],
  ['a site that is none', from('Same-Origin'), 'read'],
  ['two sites', from('same-origin, cross-site'), 'read'],
  ['metadata without its site', { 'sec-fetch-mode': 'cors', origin: OURS }, 'read'],
  ['Origin against metadata', from('cross-site', { ...fetched, origin: OURS, referer: `${OURS}/` }), 'read'],
  ['a browser that says nothing', {}, 'count'],
  ['an old browser on a page of ours', { referer: `${OURS}/articles/1` }, 'tell'],
  ['an old browser, a script of ours', { origin: OURS }, 'tell'],
  ['an old browser elsewhere', { referer: 'https://blog.example.com/' }, 'read'],
  ['a referrer that begins as ours', { referer: 'https://news.example.evil.example/' }, 'read'],
  ['a referrer with another port', { referer: 'https://news.example:8443/' }, 'read'],
  ['a referrer with ours as its user', { referer: 'https://news.example@evil.example/' }, 'read'],
  ['an opaque origin', { origin: 'null' }, 'read'],
  ['an opaque origin beside our referrer', { origin: 'null', referer: `${OURS}/` }, 'read'],
  ['an old script of a page that is allowed to read', { origin: APP }, 'count'],
]

describe('a credential that a browser adds by itself', () => {
  it.each(reads)('goes, by %s, as far as: %s, %s', (_how, fields, goes) => {
    expect(authority(fields)).toBe(goes)
    expect(authority(fields, 'HEAD')).toBe(goes)
  })

  it('authorises an unsafe method or an upgrade from here alone', () => {
    for (const [how, fields, goes] of reads) {
      const expected = goes === 'tell' || goes === 'spend' ? 'spend' : undefined
      for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND', 'post'])
        expect([how, authority(fields, method)]).toEqual([how, expected])
      expect([how, authority({ ...fields, upgrade: 'websocket' })]).toEqual([how, expected])
    }
  })

  it('goes no further from the address bar than a link does, where other hosts of the site may have set it', () => {
    for (const [how, fields, goes] of reads) {
      const typed = fields['sec-fetch-site'] === 'none'
      const other = (method: string) => authorityOf(exchange(method, fields), 'other', ORIGINS)
      expect([how, other('GET')]).toEqual([how, typed ? 'count' : goes])
      expect([how, other('POST')]).toEqual([how, typed ? undefined : authority(fields, 'POST')])
    }
  })

  it('never pays, and changes nothing, at the word of another site', () => {
    const any = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
    const elsewhere = fc.constantFrom('cross-site', 'same-site')
    const metadata = fc.record({
      mode: any('navigate', 'cors', 'no-cors', 'websocket', 'same-origin', ''),
      dest: any('document', 'iframe', 'image', 'empty', ''),
      origin: any(OURS, APP, 'null', 'https://evil.example'),
      referer: any(`${OURS}/`, 'https://evil.example/', ''),
      upgrade: any('websocket'),
      method: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'),
    })
    fc.assert(
      fc.property(elsewhere, metadata, (site, { mode, dest, origin, referer, upgrade, method }) => {
        const given = { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, origin, referer, upgrade }
        const fields = Object.fromEntries(Object.entries(given).filter((entry) => entry[1] !== undefined)) as Fields
        const goes = authority({ ...fields, 'sec-fetch-site': site }, method)
        expect(goes).not.toBe('spend')
        if (upgrade !== undefined || method === 'POST' || method === 'PUT') expect(goes).toBeUndefined()
        if (goes === 'count') expect((mode === 'navigate' && dest === 'document') || origin === APP).toBe(true)
      }),
    )
  })
})
