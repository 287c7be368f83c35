import { expect, it } from 'vitest'
import { capture } from '../../../src/http/capture.ts'
import { openai } from '../../../src/meters/openai.ts'

const NOW = Date.UTC(2026, 10, 28)
const limit = { input: 1000, output: 100 }
const card = { rates: { input: '1', output: '1' }, limit }

it('A request is forgotten once it is answered, whichever model has answered: streams last, and prompts are large', async () => {
  const plugin = openai({
    secret: 'KEY',
    currency: 'USD',
    models: { dear: { ...card, fallbacks: ['cheap'] }, cheap: card },
  })
  const platform = { clock: () => NOW, fetch, bindings: { KEY: 'sk-test' } }
  const meter = plugin.create?.(platform, '/openai') ?? plugin
  const body = { model: 'dear', messages: [{ role: 'user', content: 'hi' }] }
  const request = new Request('https://a.test/openai/v1/chat/completions', { method: 'POST' })
  const content = new Uint8Array(new TextEncoder().encode(JSON.stringify(body)))
  const bounded = await meter.bound({ exchange: capture(request, NOW), content, account: undefined })
  if (!bounded.ok) throw new Error(bounded.error.detail)
  const bound = bounded.value
  const { attempts: [first, second] = [] } = bound
  if (first === undefined || second === undefined) throw new Error('too few attempts')
  const models = [first, second].map((each) => JSON.parse(new TextDecoder().decode(each.content)).model)
  expect(models).toEqual(['dear', 'cheap'])
  const measured = { bound, left: new AbortController().signal, waitUntil: () => undefined }
  expect(await meter.measure(new Response(null, { status: 503 }), first, measured)).toMatchObject({ ok: false })
  expect(second.content?.length).toBeGreaterThan(0)
  expect(await meter.measure(Response.json({ choices: [] }), second, measured)).toMatchObject({ ok: true })
  expect([first.content?.length, second.content?.length]).toEqual([0, 0])
})
