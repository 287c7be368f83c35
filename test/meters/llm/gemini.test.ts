import { describe, expect, it } from 'vitest'
import { geminiProvider } from '../../../src/meters/gemini.ts'
import { refusedBy, requestOf } from './shapes.ts'

describe('Gemini', () => {
  it.each<[string, string, string, string | undefined]>([
    ['POST', '/v1beta/models/gemini-x:generateContent', '', 'metered /v1beta/models/gemini-x:generateContent'],
    [
      'POST',
      '/v1/models/gemini-x:generateContent',
      '?fields=candidates',
      'metered /v1/models/gemini-x:generateContent',
    ],
    [
      'POST',
      '/v1/models/gemini-x:streamGenerateContent',
      '?alt=sse',
      'metered /v1/models/gemini-x:streamGenerateContent?alt=sse',
    ],
    [
      'POST',
      '/v1/models/gemini-x:streamGenerateContent',
      '?key=k&alt=sse',
      'metered /v1/models/gemini-x:streamGenerateContent?alt=sse',
    ],
    ['POST', '/v1/models/gemini-x:streamGenerateContent', '', undefined],
    ['POST', '/v1/models/gemini-x:streamGenerateContent', '?alt=json', undefined],
    ['POST', '/v1/models/gemini-x:embedContent', '', 'metered /v1/models/gemini-x:embedContent'],
    ['POST', '/v1/models/gemini-x:batchEmbedContents', '', 'metered /v1/models/gemini-x:batchEmbedContents'],
    ['POST', '/v1/models/gemini-x:countTokens', '', 'counter /v1/models/gemini-x:countTokens'],
    ['POST', '/v1beta/openai/chat/completions', '', 'metered /v1beta/openai/chat/completions'],
    ['POST', '/v1beta/openai/embeddings', '', 'metered /v1beta/openai/embeddings'],
    ['GET', '/v1beta/models', '?pageSize=50', 'models'],
    ['GET', '/v1/models/gemini-x', '', 'models gemini-x'],
    ['GET', '/v1beta/openai/models', '', undefined],
    ['POST', '/v1beta/openai/images/generations', '', undefined],
    ['POST', '/v1beta/models/gemini-x:batchGenerateContent', '', undefined],
    ['POST', '/v1beta/models/gemini-x:asyncBatchEmbedContent', '', undefined],
    ['POST', '/v1beta/models/veo:predictLongRunning', '', undefined],
    ['POST', '/v1beta/models/imagen:predict', '', undefined],
    ['POST', '/v1beta/models/gemini-x:GenerateContent', '', undefined],
    ['POST', '/v1beta/tunedModels/t:generateContent', '', undefined],
    ['POST', '/v1beta/models/a/b:generateContent', '', undefined],
    ['POST', '/v1beta/models/a%2Fb:generateContent', '', undefined],
    ['POST', '/v1alpha/models/gemini-x:generateContent', '', undefined],
    ['POST', '/v1beta/interactions', '', undefined],
    ['POST', '/v1beta/cachedContents', '', undefined],
    ['GET', '/v1beta/cachedContents', '', undefined],
    ['POST', '/upload/v1beta/files', '', undefined],
    ['GET', '/v1beta/files/1', '', undefined],
    ['GET', '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent', '', undefined],
  ])('%s %s%s is %s', (method, path, query, expected) => {
    const endpoint = geminiProvider.endpoint(method, path, query)
    const told = endpoint && [endpoint.kind, endpoint.kind === 'models' ? endpoint.id : endpoint.path]
    expect(told?.filter(Boolean).join(' ')).toBe(expected)
  })

  it('lists models as its SDK reads them', () => {
    const model = { name: 'models/a', displayName: 'a' }
    expect(geminiProvider.models(['a'], undefined)).toMatchObject({ models: [model] })
    expect(geminiProvider.models(['a'], 'a')).toMatchObject(model)
  })

  it.each([
    ['/v1/models/gemini-x:generateContent', 'x-goog-api-key', 'k'],
    ['/v1beta/openai/chat/completions', 'authorization', 'Bearer k'],
  ])('sends the operator’s key to %s in %s', (path, name, value) => {
    const headers = new Headers()
    geminiProvider.authorize(headers, 'k', path)
    expect([...headers]).toEqual([[name, value]])
  })

  it('lets no field through that names a project, or leaves the usage out of an answer', () => {
    const hidden = [
      'x-goog-user-project',
      'x-goog-fieldmask',
      'x-http-method-override',
      'x-goog-api-key',
      'authorization',
    ]
    expect(hidden.filter((name) => geminiProvider.requestFields.includes(name))).toEqual([])
  })

  it('in OpenAI’s shape reads no files of the operator’s, and has no extensions', () => {
    const endpoint = geminiProvider.endpoint('POST', '/v1beta/openai/chat/completions', '')
    if (endpoint?.kind !== 'metered') throw new Error('not metered')
    const of = (url: string) => ({
      model: 'gemini-x',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    })
    expect(requestOf(endpoint.api, of('https://example.com/a.png')).input.indirect).toBe('image_url')
    expect(refusedBy(endpoint.api, of('https://generativelanguage.googleapis.com/v1beta/files/1'))).toBe('not-for-sale')
    expect(endpoint.api.members).not.toContain('extra_body')
  })
})
