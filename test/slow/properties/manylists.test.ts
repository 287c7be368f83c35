import { expect, it } from 'vitest'
import { makeKeys } from '../../support/issuer.ts'
import { zipped } from '../../support/statuslist.ts'
import { runUntilDone } from '../../tokens/endpoint.ts'
import { createHost, listToken, URI } from '../../tokens/listhost.ts'

const [key] = await makeKeys('es')

it('many lists take no more memory than they may: what was not used lately is fetched anew', async () => {
  const lst = await zipped(new Uint8Array(8 << 20))
  const list = (sub: string) => listToken(key, { claims: { sub, ttl: 43_200, status_list: { bits: 8, lst } } })
  const host = createHost(key, async (url) => new Response(await list(url)))
  const uris = Array.from({ length: 12 }, (_, number) => `${URI}${number}`)
  for (const uri of uris) expect(await runUntilDone(host.ask(0, uri))).toBe('valid')
  expect(host.fetched).toHaveLength(12)
  expect(await runUntilDone(host.ask(0, uris.at(-1)))).toBe('valid')
  expect(host.fetched).toHaveLength(12)
  expect(await runUntilDone(host.ask(0, uris[0]))).toBe('valid')
  expect(host.fetched).toHaveLength(13)
})
