import { expect, it } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { createApp } from '../../src/gate.ts'
import { bearer, html } from '../../src/index.ts'
import { web } from '../../src/platform/web/index.ts'
import type { CompleteRefusal } from '../../src/refusals/complete.ts'
import { createServices } from '../../src/services.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const FORM = { action: '/__faregate/asks', hidden: { target: '/articles/1' }, button: 'Yes', note: 'A note' }

async function pageWith(title: string | undefined): Promise<string> {
  const complete: CompleteRefusal = ({ refusal }, { article }) => ({
    ...refusal,
    form: { ...FORM, heading: 'Open?', text: [], ...(article?.title !== undefined && { subject: article.title }) },
  })
  const zone = {
    ...ZONE,
    issuers: [{ issuer: 'https://i.test', secret: 'SECRET' }],
    rails: [bearer()],
    refusals: [html()],
    routes: [{ path: '/articles/*', requires: 'premium', preview: true }],
  }
  const found = compiled({ zones: [zone] }, { SECRET: '0123456789abcdef0123456789abcdef' })
  const previews = {
    find: () => (title === undefined ? undefined : ({ kind: 'article', article: { title, paragraphs: [] } } as const)),
    forget: () => undefined,
  }
  const services = { ...createServices(found, web({})), previews, log: () => undefined }
  const endpoint = {
    path: 'asks',
    completeRefusal: complete,
    create: () => ({ methods: ['POST'], answer: async () => ok(new Response(null)) }),
  }
  const app = createApp(services, [endpoint])
  const behind = { purge: async () => false, origin: async () => ok({ response: new Response('the page') }) }
  const request = new Request('https://a.test/articles/1', { headers: { accept: 'text/html' } })
  return (await app(request, behind, () => undefined)).text()
}

it('A form names the page that it opens by its public title, and else by its address', async () => {
  expect(await pageWith('A <b> night')).toContain('<p><strong>A &lt;b&gt; night</strong></p>')
  const unknown = await pageWith(undefined)
  expect(unknown).toContain('<p><strong>/articles/1</strong></p>')
  expect(unknown).not.toContain('night')
})
