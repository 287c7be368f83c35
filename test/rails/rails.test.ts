import { bearer, receipt } from '../../src/index.ts'
import { ACCOUNT, goodToken, NOW } from '../tokens/hostile/parties.ts'
import { receiptToken } from '../tokens/payment/gate.ts'
import { holdRailToContract } from './contract.ts'
import { signToyPayment, TOY_FIELD, toyPay } from './toypay.ts'

holdRailToContract('bearer', {
  create: bearer,
  credential: (parties) => goodToken(parties),
  sent: (token) => ['Authorization', `Bearer ${token}`],
  path: '/paid/1',
  shown: { sub: ACCOUNT },
})

holdRailToContract('receipt', {
  create: receipt,
  credential: (parties) => receiptToken(parties),
  sent: (token) => ['Faregate-Receipt', token],
  path: '/reports/1',
  shown: { jti: 'receipt-1' },
})

const SECRET = 'the key of all toy wallets'
const PAYMENT = { payer: 'toy-payer', nonce: 'nonce-1', amount: '0.25', currency: 'USD', validUntil: NOW + 60 }

holdRailToContract('toy-pay', {
  create: () => toyPay({ facilitator: 'https://toy.test', secret: SECRET }),
  credential: () => signToyPayment(SECRET, PAYMENT),
  sent: (payment) => [TOY_FIELD, payment],
  path: '/reports/1',
  shown: { payer: 'toy-payer', nonce: 'nonce-1' },
})
