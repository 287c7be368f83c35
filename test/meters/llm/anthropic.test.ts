import { describe, expect, it } from 'vitest'
import { anthropicProvider } from '../../../src/meters/anthropic.ts'

describe('Anthropic', () => {
  it.each<[string, string, string, string | undefined]>([
    ['POST', '/v1/messages', '', 'metered /v1/messages'],
    ['POST', '/v1/messages', '?beta=true', 'metered /v1/messages?beta=true'],
    ['POST', '/v1/messages', '?x=1&beta=true', 'metered /v1/messages?beta=true'],
    ['POST', '/v1/messages', '?betas=true', 'metered /v1/messages'],
    ['POST', '/v1/messages/count_tokens', '?beta=true', 'counter /v1/messages/count_tokens?beta=true'],
    ['GET', '/v1/models', '?limit=1000', 'models'],
    ['GET', '/v1/models/claude-x', '', 'models claude-x'],
    ['HEAD', '/api/hello', '', 'free /api/hello'],
    ['GET', '/api/hello', '', undefined],
    ['GET', '/v1/messages', '', undefined],
    ['POST', '/v1/messages/', '', undefined],
    ['POST', '/v1/Messages', '', undefined],
    ['POST', '/v1/messages/batches', '', undefined],
    ['GET', '/v1/messages/batches', '', undefined],
    ['POST', '/v1/complete', '', undefined],
    ['POST', '/v1/files', '', undefined],
    ['GET', '/v1/files/file_1/content', '', undefined],
    ['POST', '/v1/skills', '', undefined],
    ['GET', '/v1/organizations/me', '', undefined],
    ['GET', '/v1/models/claude-x/secret', '', undefined],
  ])('%s %s%s is %s', (method, path, query, expected) => {
    const endpoint = anthropicProvider.endpoint(method, path, query)
    const told = endpoint && [endpoint.kind, endpoint.kind === 'models' ? endpoint.id : endpoint.path]
    expect(told?.filter(Boolean).join(' ')).toBe(expected)
  })

  it('lists models as its SDKs read them', () => {
    expect(anthropicProvider.models(['a', 'b'], undefined)).toMatchObject({
      data: [{ type: 'model', id: 'a', display_name: 'a' }, { id: 'b' }],
      has_more: false,
      first_id: 'a',
      last_id: 'b',
    })
    expect(anthropicProvider.models([], undefined)).toMatchObject({ data: [], first_id: null, last_id: null })
    expect(anthropicProvider.models(['a'], 'a')).toMatchObject({ type: 'model', id: 'a' })
  })

  it('sends the operator’s key in its own field', () => {
    const headers = new Headers()
    anthropicProvider.authorize(headers, 'sk-ant-1', '/v1/messages')
    expect([...headers]).toEqual([['x-api-key', 'sk-ant-1']])
  })

  it('passes no beta on that changes a price, or brings another model or what is kept', () => {
    const betas = anthropicProvider.fieldValues?.['anthropic-beta'] ?? []
    expect(betas).toContain('claude-code-20250219')
    expect(
      betas.filter((beta) =>
        /^(?:context-1m|fast-mode|output-|advisor|server-side|fallback|compact|files|skills)/.test(beta),
      ),
    ).toEqual([])
  })
})
