import { expect, it } from 'vitest'
import { capture } from '../../../src/http/capture.ts'
import { bearer, keys } from '../../../src/index.ts'
import { withoutUrlTokens } from '../../../src/rails/inurl.ts'
import { makeKey } from '../../../src/rails/keys/format.ts'
import { zoneOf } from '../../support/compiled.ts'

const zone = zoneOf(
  { rails: [bearer(), keys()] },
  { GATE: 'a secret of the gate that is long enough' },
  { secrets: { gate: 'GATE' } },
)

it.each([
  ['in its query', '/free/1?a=1&api_key=KEY&b=2', '/free/1', '?a=1&b=2'],
  ['in escapes', '/free/1?key=%66g_KEY', '/free/1', ''],
  ['in its path', '/free/KEY/x', '/free/-/x', ''],
  ['in its path, between dots', '/free/.KEY./x', '/free/.-./x', ''],
])('a URL loses an API key %s', (_how, url, path, query) => {
  const { text } = makeKey(zone, { issuer: 'https://i.test', account: 'a' })
  const sent = url.replace('%66g_KEY', `%66${text.slice(1)}`).replace('KEY', text)
  const { target, inUrl } = withoutUrlTokens(capture(new Request(`https://a.test${sent}`), 0), {
    zone,
    rails: [bearer(), keys()],
  })
  expect([target.path, target.query, inUrl?.counts]).toEqual([path, query, false])
  expect(JSON.stringify(target)).not.toContain(text.slice(10))
})
