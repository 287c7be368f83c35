import { describe, expect, it } from 'vitest'
import { isVisit } from '../../../src/exemptions/freereading/rules/visit.ts'
import { VISIT } from './world.ts'

const BROWSERS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  'Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36',
]
/** Some of them ask for a page as browsers do. */
const UNFURLING = [
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'WhatsApp/2.23.20.0',
  'Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)',
  'Iframely/1.3.1 (+https://iframely.com/docs/about)',
]

describe('a view', () => {
  const visits = (agent: string): boolean =>
    isVisit({ method: 'GET', fields: new Headers({ ...VISIT, 'user-agent': agent }) }, true)

  it.each(BROWSERS)('is what a reader opens in a browser: %s', (agent) => expect(visits(agent)).toBe(true))
  it.each(UNFURLING)('is not what a program unfurls a link for: %s', (agent) => expect(visits(agent)).toBe(false))
})
