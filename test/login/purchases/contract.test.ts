import { purchases } from '../../../src/index.ts'
import { purchaseCookies } from '../../../src/login/purchases/cookies.ts'
import { holdRailToContract } from '../../rails/contract.ts'
import { CookieJar, PASS, receiptOfBilling } from './site.ts'

holdRailToContract('purchases', {
  create: () => purchases(),
  credential: async (_parties, { site }) => {
    const jar = new CookieJar()
    jar.keep(await purchaseCookies([receiptOfBilling(PASS)], jar.exchange(), site.zone))
    const [value = ''] = jar.cookies.values()
    return value
  },
  sent: (value) => ['Cookie', `__Host-faregate-receipt-AAAAAAAA=${value}`],
  path: '/reports/1',
  shown: {},
})
