import { bearer, crawl, keys, mpp, receipt } from '../../src/index.ts'
import { match } from '../../src/access/route.ts'
import { refusal } from '../../src/core/problem.ts'
import { capture } from '../../src/http/capture.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { makeKey } from '../../src/rails/keys/format.ts'
import { ACCOUNT, BILLING, goodToken, NOW } from '../tokens/hostile/parties.ts'
import { createGate, receiptToken } from '../tokens/payment/gate.ts'
import { holdRailToContract, type RailGate } from './contract.ts'
import { credentialFor, readChallenges } from './mpp/wallet.ts'
import { createAgent } from './crawl/agent.ts'
import { BOT, Web } from './crawl/site.ts'
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

/** Answers the challenge of a page, which is asked for with these fields. */
function paidByCard({ site }: RailGate, fields: Record<string, string>): string {
  const exchange = capture(new Request('https://news.example/cards/1', { headers: fields }), NOW * 1000)
  const matched = match(site.zone.routes, exchange.target, 'GET')
  const offer = matched.ok && matched.value.terms.kind === 'paid' ? matched.value.terms.offer : undefined
  const why = refusal('payment-required', 'Pay.')
  const { fields: asked = [] } =
    site.rails.find(({ name }) => name === 'mpp')?.challenge({ zone: site.zone, refusal: why, offer, exchange }) ?? {}
  const [challenge] = readChallenges(asked.map(([, value]) => value).join(', '))
  return challenge === undefined ? '' : credentialFor(challenge, { spt: 'spt_1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' })
}

const CARDS = { secretKey: 'STRIPE_KEY', networkId: 'profile_1', paymentMethodTypes: ['card'] }

for (const field of ['Authorization', 'Payment-Authorization']) {
  holdRailToContract(`mpp in ${field}`, {
    create: () => mpp({ stripe: CARDS }),
    open: (parties, rail) => createGate(parties, [rail, receipt()]),
    credential: async (_parties, gate) =>
      paidByCard(gate, field === 'Authorization' ? {} : { authorization: 'Bearer expired' }),
    sent: (payment) => [field, `Payment ${payment}`],
    path: '/cards/1',
    provenBy: 'settler',
    // The rest is what a challenge says.
    secretIn: (payment) => payment.slice(-60),
    shown: { realm: 'news', method: 'stripe', intent: 'charge' },
  })
}
const bot = await createAgent(BOT)
const PRICED = { 'crawler-exact-price': 'USD 0.25' }
const signedByBot = await bot.sign('https://news.example/reports/1', { created: NOW, fields: PRICED })

holdRailToContract('crawl', {
  create: () => crawl({ agents: { [BOT]: { billing: 'credit' } } }),
  open(parties, rail) {
    const web = new Web()
    web.publish(bot)
    const gate = createGate(parties, [rail])
    return { ...gate, services: { ...gate.services, fetch: web.fetch } }
  },
  credential: async () => signedByBot['signature'] ?? '',
  beside: () => Object.fromEntries(Object.entries(signedByBot).filter(([name]) => name !== 'signature')),
  sent: (signature) => ['Signature', signature],
  path: '/reports/1',
  shown: { iss: 'web-bot-auth', sub: BOT },
})

/** Makes a key that opens what the account's tokens do. */
async function issuedKey({ site: { zone }, services: { ledgers } }: RailGate): Promise<string> {
  const owner = { issuer: BILLING, account: ACCOUNT }
  const { text, hash, id, generation } = makeKey(zone, owner)
  const terms = { name: 'CI', entitlements: ['premium'], limits: [], accountLimits: [] }
  const made = { id, createdAt: NOW * 1000, createdBy: 'a test', secrets: [{ hash, generation }] }
  const credential = { kind: 'key', ...made, ...terms } as const
  const ledger = ledgers && openLedger(ledgers, zone, { from: 'account', ...owner })
  const issued = await ledger?.order('issueCredential', { credential, most: 1 })
  if (issued?.ok !== true) throw new Error('not issued')
  return text
}

for (const field of ['Authorization', 'X-Api-Key']) {
  holdRailToContract(`keys in ${field}`, {
    create: keys,
    credential: (_parties, gate) => issuedKey(gate),
    sent: (key) => [field, field === 'Authorization' ? `Bearer ${key}` : key],
    path: '/paid/1',
    shown: { sub: ACCOUNT },
  })
}
