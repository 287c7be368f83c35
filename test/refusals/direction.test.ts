import { describe, expect, it } from 'vitest'
import { markupText } from '../../src/pages/page.ts'
import { plainPages } from '../../src/pages/pages.ts'
import { articleMarkup } from '../../src/refusals/articlemarkup.ts'
import { speechFor } from '../../src/refusals/speech.ts'

const speech = speechFor({ zone: undefined, language: 'en' })

describe('what is written in another direction than the page', () => {
  it.each([
    ['he', 'rtl'],
    ['fa-IR', 'rtl'],
    ['de', 'ltr'],
  ])('was an article in %s that a page in English wrote in its own', (language, direction) => {
    const article = { title: 'Title', paragraphs: [], language }
    expect(markupText(articleMarkup(article, speech))).toContain(`<article lang="${language}" dir="${direction}">`)
  })

  it('was a path or reference with its signs at the wrong end, on a page from right to left', () => {
    expect(plainPages('news').style).toMatch(/code\{direction:ltr;unicode-bidi:isolate\}/)
  })
})
