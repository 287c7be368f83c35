import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeLogin } from './fakelogin.ts'
import { CLICK, Reader } from './reader.ts'
import { tripOptions, TripWorld } from './world.ts'

afterEach(() => void vi.restoreAllMocks())

const OFFERS = {
  article: {
    title: { en: 'This article', de: 'Dieser Artikel' },
    price: { amount: '0.90', currency: 'EUR' },
    receipt: { uses: 20 },
  },
  monthly: {
    title: { en: 'Every month', de: 'Jeden Monat' },
    description: { en: 'All articles.', de: 'Alle Artikel.' },
    price: { amount: '5', currency: 'EUR', every: 'P1M' },
    grants: ['premium'],
    main: true,
    tax: { en: 'Includes 7% VAT.', de: 'Inklusive 7 % MwSt.' },
  },
} as const
const SOLD = [
  { name: 'article', title: 'article at the shop', price: '1 EUR' },
  { name: 'monthly', title: 'monthly at the shop', price: '6 EUR' },
]
const GERMAN = { ...CLICK, accept: 'text/html', 'accept-language': 'de' }

function worldOf(
  names: readonly string[],
  described?: () => Promise<typeof SOLD>,
): { world: TripWorld; reader: Reader } {
  const login = new FakeLogin({ name: 'shop', offers: SOLD, ...(described && { described }) })
  const price = { amount: '0.90', currency: 'EUR' }
  const routes = [{ path: '/articles/*', requires: 'premium', price, offers: [...names] }]
  const world = new TripWorld([login], tripOptions([login], { offers: OFFERS as never, routes }))
  return { world, reader: new Reader(world) }
}

async function textOf(response: Response): Promise<string> {
  return (await response.text()).replaceAll('\u00a0', ' ')
}

describe('the page of choice', () => {
  it('shows what the refusal shows: titles, prices, periods and tax of the zone, the main offer first', async () => {
    const { reader } = worldOf(['article', 'monthly'])
    for (const [fields, said] of [
      [
        { ...GERMAN, 'accept-language': 'en' },
        ['Every month', '€5.00', 'All articles.', 'Includes 7% VAT.', 'This article', '€0.90'],
      ],
      [GERMAN, ['Jeden Monat', '5,00 €', 'Alle Artikel.', 'Inklusive 7 % MwSt.', 'Dieser Artikel', '0,90 €']],
    ] as const) {
      const [chosen, refused] = await Promise.all(
        ['/__faregate/checkout?to=/articles/1', '/articles/1'].map(async (path) =>
          textOf(await reader.open(path, fields)),
        ),
      )
      for (const page of [chosen, refused])
        expect(said.map((text) => page?.indexOf(text)).filter((at) => at === -1)).toEqual([])
      const places = said.map((text) => chosen?.indexOf(text) ?? -1)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(chosen).not.toContain('at the shop')
    }
  })

  it('asks no login about what the zone describes', async () => {
    const described = vi.fn(async () => SOLD)
    const { reader } = worldOf(['article', 'monthly'], described)
    expect((await reader.open('/__faregate/checkout?to=/articles/1', GERMAN)).status).toBe(200)
    expect(described).not.toHaveBeenCalled()
  })

  it('leads to the login that sells the offer', async () => {
    const { reader } = worldOf(['article', 'monthly'])
    const page = await textOf(await reader.open('/__faregate/checkout?to=/articles/1', GERMAN))
    expect(page).toContain('/__faregate/checkout?login=shop&amp;offer=monthly&amp;to=%2Farticles%2F1')
  })
})
