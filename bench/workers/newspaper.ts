import { html } from '../../src/index.ts'
import { gateAlone } from './gatealone.ts'
import { siteOptions } from './options.ts'

export default gateAlone(
  siteOptions({
    refusals: [html()],
    offers: {
      monthly: {
        title: { en: 'Monthly', de: 'Monatlich' },
        description: { en: 'Every article, on every device.', de: 'Alle Artikel, auf allen Geräten.' },
        price: { amount: '5', currency: 'EUR', every: 'P1M' },
        grants: ['premium'],
        main: true,
      },
      yearly: {
        title: { en: 'Yearly', de: 'Jährlich' },
        price: { amount: '50', currency: 'EUR', every: 'P1Y' },
        grants: ['premium'],
      },
    },
  }),
)
