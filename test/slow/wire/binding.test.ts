import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundleOf } from '../bundles.ts'
import { open, shut } from '../../../tools/loopback.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { fieldOf, speak } from '../attacks/wire.ts'

let gate: Workerd
let port: number

/** As WordPress and Ghost do: asked under another host than the public one, it redirects to that. */
const site = createServer(({ headers, url }, response) => {
  const at = `localhost:${port}`
  if (headers.host === at) response.end('the page')
  else response.writeHead(301, { location: `http://${at}${url}`, 'cache-control': 'max-age=60' }).end()
})

beforeAll(async () => {
  const url = await open(site)
  gate = await startWorkerd({
    module: bundleOf(import.meta.dirname, 'binding-worker.ts'),
    vars: { TOKEN_SECRET: '0123456789abcdef0123456789abcdef' },
    services: { SITE: 'site' },
    servers: { site: new URL(url).host },
  })
  port = Number(new URL(gate.url).port)
})
afterAll(async () => {
  await gate.stop()
  await shut(site)
})

async function ask(path: string): Promise<[status: number | undefined, told: string | undefined]> {
  const head = `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`
  const [answer] = await speak(port, head, { stays: true })
  return [answer?.status, answer?.status === 301 ? fieldOf(answer, 'location') : answer?.body]
}

it('A site that redirects to its public host is asked by that where it is given by a binding', async () => {
  expect(await ask('/page?a=1')).toEqual([200, 'the page'])
})
