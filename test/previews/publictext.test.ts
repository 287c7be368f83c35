import { describe, expect, it } from 'vitest'
import { PublicText } from '../../src/previews/rules/publictext.ts'

/** Reads a page: what its head says, a public paragraph, and the paid part. */
function factsOf(head: Readonly<Record<string, string>>, paid = '') {
  const found = new PublicText({ select: '.text', paragraphs: 1, maxBytes: 2000, from: 'origin' } as never)
  for (const [name, content] of Object.entries({ title: 'Title', ...head })) found.head(name, content)
  found.open()
  found.text('What everybody may read.', true)
  found.close()
  found.text(paid, true)
  found.end()
  return found.facts()
}

const SAID = 'Der Bürgermeister verkaufte die Straßenbahn für Übergangszahlungen'

describe('a description that is made from the paid part', () => {
  it.each([
    ['as it is', SAID],
    ['with soft hyphens in its words', SAID.replaceAll(/(\p{L}{3})(?=\p{L})/gu, '$1\u00ad')],
    ['with soft hyphens by reference', SAID.replaceAll(/(\p{L}{3})(?=\p{L})/gu, '$1&shy;')],
    ['with zero-width spaces', SAID.replaceAll(/(\p{L}{3})(?=\p{L})/gu, '$1\u200b')],
    ['in decomposed letters', SAID.normalize('NFD')],
    ['with other letters for the same', SAID.replaceAll('f', 'ｆ')],
  ])('was shown where the paid part is written %s', (_how, paid) => {
    expect(factsOf({ description: SAID }, paid)?.description).toBeUndefined()
    expect(factsOf({ description: paid }, SAID)?.description).toBeUndefined()
    expect(factsOf({ description: 'What everybody may read.' }, paid)?.description).toBe('What everybody may read.')
  })
})

describe('a description in a script without spaces', () => {
  const paid = '市長は昨日、路面電車を民間企業に売却することを発表した。住民は反対している。'

  it('was shown though it is the beginning of the paid part, cut within a sentence', () => {
    expect(factsOf({ description: paid.slice(0, 24) }, paid)?.description).toBeUndefined()
  })

  it('is shown where it shares no more than a name with the paid part', () => {
    expect(factsOf({ description: '路面電車のゆくえを市民が語る。' }, paid)?.description).toBe(
      '路面電車のゆくえを市民が語る。',
    )
  })
})

describe('the text of a preview', () => {
  it('lost its words at soft hyphens, and the joiners that Persian and emoji are written with', () => {
    const facts = factsOf({ title: 'Donau\u00addampf \u202emi\u200cdan 👩\u200d🚒\ufeff' })
    expect(facts?.title).toBe('Donaudampf mi\u200cdan 👩\u200d🚒')
  })

  it('was none where a meta element of the page is called like a member of every object', () => {
    expect(factsOf({ constructor: 'x', tostring: 'x', ['__proto__']: 'x', description: 'Told.' })).toMatchObject({
      title: 'Title',
      description: 'Told.',
    })
  })
})
