import { env } from 'cloudflare:workers'
import { describe } from 'vitest'
import { cloudflare } from '../../../../src/platform/cloudflare/platform.ts'
import { web } from '../../../../src/platform/web/index.ts'
import { platformContract } from '../../../platform/contract.ts'

const sender = { fields: { 'cf-connecting-ip': '::ffff:192.0.2.7' }, address: '192.0.2.7' }

describe('Cloudflare Workers', () => platformContract(cloudflare, { bindings: { ...env }, hasLedgers: true, sender }))

describe('Cloudflare Workers, with nothing bound', () => platformContract(cloudflare, { hasLedgers: false, sender }))

describe('what every runtime of the web has, in workerd', () => platformContract(web, { hasLedgers: false }))
