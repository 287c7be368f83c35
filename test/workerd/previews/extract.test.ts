import { describe, expect, it } from 'vitest'
import type { PreviewPolicy } from '../../../src/access/previewpolicy.ts'
import { readPublic } from '../../../src/previews/extract.ts'

const POLICY: PreviewPolicy = {
  select: 'article',
  paragraphs: 2,
  marker: undefined,
  until: undefined,
  byline: undefined,
  maxBytes: 2000,
  from: 'origin',
}
const UTF8 = 'text/html; charset=utf-8'

function bodyOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Response(bytes).body ?? new ReadableStream()
}

async function publicOf(page: string | Uint8Array, policy: Partial<PreviewPolicy> = {}, type = UTF8) {
  const bytes = typeof page === 'string' ? new TextEncoder().encode(page) : page
  return readPublic({ type, body: bodyOf(bytes) }, { ...POLICY, ...policy }, () => new HTMLRewriter())
}

const HEAD = `<title>A title – Site</title><meta property="og:title" content="A title">
<meta name="author" content="Ada Byron"><meta property="og:description" content="What it is about, in short.">
<meta property="og:image" content="https://a.test/1.png"><meta property="og:image:alt" content="A bridge">
<meta property="article:published_time" content="2026-10-01T08:00:00Z">`

const pageOf = (article: string, head = HEAD): string =>
  `<!doctype html><html lang="de"><head>${head}</head><body>${article}</body></html>`

describe('what is public of a page', () => {
  it('is what its head says, and its first paragraphs as text', async () => {
    const found = await publicOf(
      pageOf('<article><h1>A title</h1><p>First &amp; <em>fore</em>most.</p><p>Second.</p><p>CANARY</p></article>'),
    )
    expect(found).toEqual({
      title: 'A title',
      byline: 'Ada Byron',
      description: 'What it is about, in short.',
      image: { url: 'https://a.test/1.png', alt: 'A bridge' },
      published: '2026-10-01T08:00:00Z',
      language: 'de',
      paragraphs: ['First & foremost.', 'Second.'],
    })
  })

  it('has no description with words of a paid part that stands after the chosen element', async () => {
    const head = '<title>A</title><meta name="description" content="The mayor sold the bridge to his own brother.">'
    const paid = '<section><p>CANARY: the mayor sold the bridge to his own brother.</p></section>'
    const policy = { select: '.teaser' }
    const open = await publicOf(pageOf('<div class="teaser"><p>One</p></div>', head), policy)
    expect(open?.description).toBe('The mayor sold the bridge to his own brother.')
    const found = await publicOf(pageOf(`<div class="teaser"><p>One</p></div>${paid}`, head), policy)
    expect(found).toEqual({ title: 'A', language: 'de', paragraphs: ['One'] })
    const data =
      '<script type="application/ld+json">{"description":"The mayor sold the bridge to his own brother."}</script>'
    const told = await publicOf(pageOf(`<div class="teaser"><p>One</p></div>${data}`, head), policy)
    expect(told?.description).toBe('The mayor sold the bridge to his own brother.')
  })

  it.each(['<style/>', '<script/>'])('is read past a %s in a drawing', async (empty) => {
    const found = await publicOf(pageOf(`<svg>${empty}</svg><article><p>One</p></article>`))
    expect(found?.paragraphs).toEqual(['One'])
  })

  it('has no fact from a body whose tag is left out', async () => {
    const page = `<!doctype html><title>A title</title><article><p>One</p><meta name="description" content="CANARY"><p>Two</p>
<meta name="author" content="CANARY"><meta property="og:title" content="CANARY"></article>`
    expect(await publicOf(page)).toEqual({ title: 'A title', paragraphs: ['One', 'Two'] })
  })

  const cases: [what: string, page: string, policy: Partial<PreviewPolicy>, paragraphs: string[] | undefined][] = [
    [
      'ends at a mark',
      pageOf('<article><p>One</p><!--members-only--><p>CANARY</p></article>'),
      { marker: 'members-only' },
      ['One'],
    ],
    [
      'ends at a mark within a paragraph',
      pageOf('<article><p>One<!-- members-only -->CANARY</p></article>'),
      { marker: 'members-only' },
      ['One'],
    ],
    [
      'ends at the first of several marks',
      pageOf('<article><p>One</p><!--m--><p>CANARY</p><!--m--><p>CANARY</p></article>'),
      { marker: 'm' },
      ['One'],
    ],
    ['is no paragraph without the mark', pageOf('<article><p>CANARY</p></article>'), { marker: 'm' }, []],
    [
      'is no paragraph if the mark is only in a script',
      pageOf('<article><p>CANARY</p><script>"<!--m-->"</script></article>'),
      { marker: 'm' },
      [],
    ],
    [
      'ends at an element',
      pageOf('<article><p>One</p><div class="wall"><p>CANARY</p></div></article>'),
      { until: '.wall' },
      ['One'],
    ],
    ['is no paragraph without the element', pageOf('<article><p>CANARY</p></article>'), { until: '.wall' }, []],
    [
      'is of the first element alone',
      pageOf('<article><p>One</p></article><article><p>CANARY</p></article>'),
      {},
      ['One'],
    ],
    ['is nothing outside of it', pageOf('<p>CANARY</p><article><p>One</p></article><p>CANARY</p>'), {}, ['One']],
    ['is nothing without it', pageOf('<p>CANARY</p>'), {}, []],
    [
      'is no text outside of paragraphs',
      pageOf('<article>CANARY<div>CANARY</div><p>One</p>CANARY</article>'),
      {},
      ['One'],
    ],
    [
      'leaves out what is not prose',
      pageOf('<article><aside><p>CANARY</p></aside><figure><p>CANARY</p></figure><p>One</p></article>'),
      {},
      ['One'],
    ],
    [
      'leaves out what is hidden',
      pageOf(
        '<article><div hidden><p>CANARY</p></div><p style="display: none">CANARY</p><p aria-hidden="true">CANARY</p><p>One</p></article>',
      ),
      {},
      ['One'],
    ],
    [
      'reads on after a drawing that closes itself',
      pageOf('<article><svg/><p>One</p><svg><style/><g/></svg><p>Two</p><p>CANARY</p></article>'),
      {},
      ['One', 'Two'],
    ],
    [
      'leaves out scripts, styles and templates',
      pageOf(
        '<article><script>CANARY</script><style>CANARY</style><template><p>CANARY</p></template><noscript><p>CANARY</p></noscript><p>One<script>CANARY</script></p></article>',
      ),
      {},
      ['One'],
    ],
    [
      'leaves out comments and attributes',
      pageOf(
        '<article><p data-full="CANARY" title="CANARY">One<!--CANARY--><img alt="CANARY" srcset="CANARY"></p></article>',
      ),
      {},
      ['One'],
    ],
    ['reads paragraphs that are not closed', pageOf('<article><p>One<p>Two<p>CANARY</article>'), {}, ['One', 'Two']],
    [
      'counts no empty paragraph',
      pageOf('<article><p></p><p>&nbsp;</p><p>One</p><p>Two</p><p>CANARY</p></article>'),
      {},
      ['One', 'Two'],
    ],
    [
      'counts within nested elements',
      pageOf('<article><div><article><p>One</p></article></div><section><p>Two</p></section><p>CANARY</p></article>'),
      {},
      ['One', 'Two'],
    ],
    [
      'is cut at its greatest length, between words',
      pageOf('<article><p>Some words CANARY</p></article>'),
      { maxBytes: 12 },
      ['Some words'],
    ],
    ['is no paragraph if none is wanted', pageOf('<article><p>CANARY</p></article>'), { paragraphs: 0 }, []],
    [
      'takes no fact from the body',
      pageOf('<article><meta property="og:title" content="CANARY"><title>CANARY</title><p>One</p></article>'),
      {},
      ['One'],
    ],
    [
      'reads no structured data',
      pageOf(
        '<article><p>One</p></article>',
        `${HEAD}<script type="application/ld+json">{"articleBody":"CANARY"}</script>`,
      ),
      {},
      ['One'],
    ],
    [
      'decodes references once',
      pageOf('<article><p>&amp;lt;b&amp;gt; &#8211; &#x2014; &auml; &unknown;</p></article>'),
      {},
      ['&lt;b&gt; – — ä &unknown;'],
    ],
    ['is nothing without a title', pageOf('<article><p>CANARY</p></article>', ''), {}, undefined],
  ]
  it.each(cases)('%s', async (_what, page, policy, paragraphs) => {
    const found = await publicOf(page, policy)
    expect(found?.paragraphs).toEqual(paragraphs)
    expect(JSON.stringify(found ?? '')).not.toContain('CANARY')
  })

  it('has no description that was made from the paid part', async () => {
    const made =
      '<title>T</title><meta name="description" content="One. The secret is that nobody ever went there at all.">'
    const found = await publicOf(
      pageOf('<article><p>One.</p><!--m--><p>The secret is that nobody <b>ever</b> went there.</p></article>', made),
      { marker: 'm' },
    )
    expect(found).toEqual({ title: 'T', language: 'de', paragraphs: ['One.'] })
  })

  it('may have a description that repeats its public paragraphs', async () => {
    const made = '<title>T</title><meta name="description" content="A bridge was built here in one night.">'
    const found = await publicOf(
      pageOf('<article><p>A bridge was built here in one night.</p><p>More.</p><p>Paid.</p></article>', made),
    )
    expect(found?.description).toBe('A bridge was built here in one night.')
  })
})

describe('a page', () => {
  it.each(['application/json', 'text/plain', 'application/xhtml+xml', 'text/htmlx'])(
    'of the type %s is not read',
    async (type) => {
      expect(await publicOf(pageOf('<article><p>One</p></article>'), {}, type)).toBeUndefined()
    },
  )

  it.each([
    ['that is not in the encoding it says', Uint8Array.from([0x3c, 0x70, 0x3e, 0xff, 0xfe]), UTF8],
    ['in an encoding that nobody knows', new TextEncoder().encode(pageOf('')), 'text/html; charset=x-unknown'],
    ['in UTF-7', new TextEncoder().encode(pageOf('')), 'text/html; charset=utf-7'],
    [
      'in an encoding of its own, of which nothing is said',
      Uint8Array.from([...new TextEncoder().encode('<title>T</title>'), 0xe4]),
      'text/html',
    ],
  ])('%s is not read', async (_what, bytes, type) => {
    expect(await publicOf(bytes, {}, type)).toBeUndefined()
  })

  it.each([
    ['windows-1252', [0xe4], 'ä'],
    ['iso-8859-15', [0xa4], '€'],
    ['iso-8859-2', [0xb9], 'š'],
    ['windows-1250', [0x9a], 'š'],
    ['windows-1251', [0xcf], 'П'],
    ['koi8-r', [0xf0], 'П'],
    ['windows-1253', [0xd6], 'Φ'],
    ['iso-8859-7', [0xd6], 'Φ'],
    ['windows-1254', [0xfe], 'ş'],
    ['windows-1255', [0xe0], 'א'],
    ['windows-1256', [0xc7], 'ا'],
    ['windows-1257', [0xe0], 'ą'],
    ['windows-1258', [0xe3], 'ă'],
    ['windows-874', [0xa1], 'ก'],
    ['macintosh', [0x8a], 'ä'],
    ['shift_jis', [0x93, 0xfa], '日'],
    ['euc-jp', [0xc6, 0xfc], '日'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], '日'],
    ['gb18030', [0xc8, 0xd5], '日'],
    ['big5', [0xa4, 0xe9], '日'],
    ['euc-kr', [0xc7, 0xd1], '한'],
  ])('in %s is read as browsers read it', async (label, letter, expected) => {
    const ascii = (text: string): number[] => Array.from(text, (one) => one.charCodeAt(0))
    const [before, after] = [`<title>T</title><article><p>One `, '</p><!--m--><p>CANARY</p></article>']
    const bytes = Uint8Array.from([...ascii(before), ...letter, ...ascii(after)])
    const found = await publicOf(bytes, { marker: 'm' }, `text/html; charset=${label}`)
    expect(found?.paragraphs).toEqual([`One ${expected}`])
    const inMarkup = Uint8Array.from([...ascii(`<meta charset="${label}">`), ...bytes])
    expect((await publicOf(inMarkup, { marker: 'm' }, 'text/html'))?.paragraphs).toEqual([`One ${expected}`])
  })

  it.each(['utf-16le', 'utf-16be'])('in %s is read by its mark', async (label) => {
    const text = `\ufeff<title>T</title><article><p>One</p><!--m--><p>CANARY</p></article>`
    const bytes = new Uint8Array(text.length * 2)
    const view = new DataView(bytes.buffer)
    Array.from(text, (one, at) => view.setUint16(at * 2, one.charCodeAt(0), label === 'utf-16le'))
    expect((await publicOf(bytes, { marker: 'm' }, 'text/html'))?.paragraphs).toEqual(['One'])
  })

  it('longer than what is read shows what comes before, and no description', async () => {
    const long = pageOf(`<article><p>One</p><p>Two</p>${'<p>CANARY</p>'.repeat(100_000)}</article>`)
    const found = await publicOf(long)
    expect(found?.paragraphs).toEqual(['One', 'Two'])
    expect(found?.description).toBeUndefined()
  })
})
