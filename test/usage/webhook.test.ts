import { signed, type SignedOptions } from '../../src/usage/webhook.ts'
import { httpBilling } from './billing.ts'
import { holdSinkToContract } from './contract.ts'

const env = { SECRET: 'a secret of the tests, of thirty-two bytes' }

holdSinkToContract('signed', () =>
  Object.assign(
    httpBilling((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id), [env.SECRET]),
    {
      sink: signed({ url: 'https://billing.test/usage', secret: 'SECRET' }),
      env,
      tells: () => true,
      canRefuse: true,
      given: (bad: unknown) => signed(bad as SignedOptions),
    },
  ),
)
