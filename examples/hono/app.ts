import { Hono } from 'hono'
import { paywall, type PaywallEnv } from 'faregate/hono'
import config from './faregate.config.ts'

const app = new Hono<PaywallEnv>()
app.use(paywall(config))
app.get('/', (c) => c.text('Free for all.\n'))
app.get('/articles/:id', (c) => c.text(`Article ${c.req.param('id')}, for ${c.var.faregate.account ?? 'someone'}.\n`))
export default app
