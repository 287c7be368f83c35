import { describe, expect, it } from 'vitest'
import type { PreviewPolicy } from '../../../src/access/previewpolicy.ts'
import { readPublic } from '../../../src/previews/extract.ts'

const POLICY: PreviewPolicy = {
  select: 'article',
  paragraphs: 20,
  marker: 'paid',
  until: undefined,
  byline: undefined,
  maxBytes: 2000,
  from: 'origin',
}

async function describedAs(description: string, article: string, policy: Partial<PreviewPolicy> = {}) {
  const head = `<title>T</title><meta property="og:description" content="${description}">`
  const page = new Response(
    `<!doctype html><html><head>${head}</head><body><article>${article}</article></body></html>`,
  )
  const read = { type: 'text/html; charset=utf-8', body: page.body ?? new ReadableStream() }
  const found = await readPublic(read, { ...POLICY, ...policy }, () => new HTMLRewriter())
  expect(found?.title).toBe('T')
  return found?.description
}

describe('a description made from the text is dropped', () => {
  const FREE = '<p>A bridge was built here.</p>'

  it.each([
    [
      'of headings and lists of a page without a mark',
      'One was sold. Two fell.',
      '<h2>One was sold</h2><ul><li>Two fell</li></ul>',
    ],
    [
      'of plain text of a page without a mark',
      'The mayor sold it to his brother.',
      '<div>The mayor sold it to his brother.</div>',
    ],
    [
      'of short paid blocks with no space between them',
      'One was sold. Two fell.',
      `${FREE}<!--paid--><h2>One was sold</h2><ul><li>Two fell</li></ul>`,
    ],
    [
      'that ends a few words after the mark',
      'A bridge was built here. Ann sold it',
      `${FREE}<!--paid--><p>Ann sold it to her brother.</p>`,
    ],
    [
      'that ends within a paid word',
      'A bridge was built here. Ann so',
      `${FREE}<!--paid--><p>Ann sold it to her brother.</p>`,
    ],
    [
      'of a paid part in a script without spaces',
      '市長は橋を兄に売',
      `${FREE}<!--paid--><p>市長は橋を兄に売りました。</p>`,
    ],
    [
      'of what is hidden before the mark',
      'The mayor sold it to his brother.',
      `<div hidden>The mayor sold it to his brother.</div>${FREE}<!--paid-->`,
    ],
  ])('%s', async (_what, description, article) => {
    expect(await describedAs(description, article)).toBeUndefined()
  })

  it('of a paid part after the chosen element, with a script before it', async () => {
    const article = '<div><script>a()</script><p>One</p></div><p>The mayor sold it to his brother.</p>'
    expect(await describedAs('The mayor sold it to his brother.', article, { select: 'div', marker: undefined })).toBe(
      undefined,
    )
  })

  it('that goes on where the preview ends', async () => {
    const words = '<p>A bridge was built here in one night.</p>'
    expect(await describedAs('A bridge was built here in one', words, { maxBytes: 22 })).toBeUndefined()
    expect(await describedAs('A bridge was built', words, { maxBytes: 22, marker: undefined })).toBe(
      'A bridge was built',
    )
  })
})

describe('a description stays', () => {
  it.each([
    [
      'of public headings, lists and paragraphs',
      'Bridges. One was sold. Two fell in one night',
      '<h1>Bridges</h1><ul><li>One was sold</li></ul><p>Two fell in one night.</p><!--paid--><p>Ann did it.</p>',
    ],
    ['of words of its own', 'What we know of bridges.', '<p>One</p><!--paid--><p>Two</p>'],
    ['of words of its own, on a page without a mark', 'What we know of bridges.', '<p>One</p><p>Two</p>'],
    [
      'that stands in a script before the mark as well',
      'What we know of bridges.',
      '<script type="application/ld+json">{"description":"What we know of bridges."}</script><p>One</p><!--paid--><p>Two</p>',
    ],
  ])('%s', async (_what, description, article) => {
    expect(await describedAs(description, article)).toBe(description)
  })
})
