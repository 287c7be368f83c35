import { expect, it } from 'vitest'
import { serve } from '../../../tools/payments/stack/serve.ts'
import { startForFile } from '../startforfile.ts'
import { askHost, readerToken, staffToken, startDesk } from './desk.ts'

const lines: string[] = []
const origin = await startForFile(serve((_, response) => void response.end('text')))
const gate = await startForFile(startDesk(origin.url, (line) => lines.push(line)))
const [OPS, WWW] = ['ops.fare.localhost', 'www.fare.localhost']
const PATH = '/__faregate/operator'

const ask = (host: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  askHost(gate.url, host, path, { headers, body })

const FORM = {
  'content-type': 'application/x-www-form-urlencoded',
  'sec-fetch-site': 'same-origin',
  origin: `http://${OPS}`,
}
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()

it('in workerd, an operator lifts a hold on the own host, and nobody does from another', async () => {
  const reads = async () =>
    (await ask(WWW, '/articles/1', { authorization: `Bearer ${await readerToken('ida')}` })).status
  const hold = { authorization: `Bearer ${await staffToken('hold')}`, 'content-type': 'application/json' }
  expect(await reads()).toBe(200)
  expect((await ask(WWW, '/__faregate/hold', hold, '{"account":"ida"}')).status).toBe(200)
  expect(await reads()).toBe(402)

  const token = await staffToken('view hold')
  expect((await ask(WWW, PATH, FORM, form({ token }))).status).toBe(404)
  const { status, cookie } = await ask(OPS, PATH, FORM, form({ token }))
  expect([status, cookie.startsWith('__Host-faregate-operator=')]).toEqual([303, true])
  expect((await ask(WWW, PATH, { cookie, 'sec-fetch-site': 'none' })).status).toBe(404)
  const page = await ask(OPS, PATH, { cookie, 'sec-fetch-site': 'none' })
  expect(page.status).toBe(200)
  expect(page.text).toMatch(/<th scope="row">account [\w-]{16}<\/th>/)
  expect(page.text).not.toMatch(/\bida\b/)
  expect(page.text).toMatch(/<h2>Servers<\/h2>[^]*<td>takes requests<\/td>/)

  const lift = /name="do" value="([^"]+)">[^]{0,200}?>Lift<\/button>/.exec(page.text)?.[1] ?? ''
  const forged = { ...FORM, cookie, 'sec-fetch-site': 'same-site', origin: `http://${WWW}` }
  expect((await ask(OPS, PATH, forged, form({ do: lift }))).status).toBe(400)
  expect(await reads()).toBe(402)
  const done = await ask(OPS, PATH, { ...FORM, cookie }, form({ do: lift }))
  expect([done.status, done.location]).toEqual([303, `${PATH}?zone=news&did=lift`])
  await expect.poll(reads, { timeout: 20_000 }).toBe(200)
  await expect
    .poll(() => lines.filter((line) => line.includes('"action":"lift","done":true,"by":"ann"')).length)
    .toBe(1)
})
