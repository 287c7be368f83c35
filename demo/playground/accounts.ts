import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'

/** What the shop does for the playground. */
export interface AccountDesk {
  /** Where the playground is. */
  readonly gate: string
  /** Signs a token that opens the demo's models. */
  issue(account: string): Promise<string>
  /** Returns the account of a token of the shop's; undefined if it is none. */
  accountOf(token: string): Promise<string | undefined>
  /** Has the gate add credit. Returns false if the gate did not take it. */
  grant(account: string, amount: string): Promise<boolean>
}

const AMOUNT = '0.01'

/** Makes accounts for the playground, and adds credit to them: nobody pays in this demo. */
export function accountRoutes(desk: AccountDesk): Hono {
  const { port } = new URL(desk.gate)
  const origins = ['localhost', '127.0.0.1'].map((name) => `http://${name}:${port}`)
  const app = new Hono()
  app.use(cors({ origin: origins, allowHeaders: ['authorization'], allowMethods: ['POST'] }))
  app.post('/accounts', async (c) => {
    const account = `player-${randomBytes(6).toString('hex')}`
    if (!(await desk.grant(account, AMOUNT))) return notTaken(c)
    return c.json({ account, token: await desk.issue(account) }, 201)
  })
  app.post('/credit', async (c) => {
    const account = await desk.accountOf(c.req.header('authorization')?.replace(/^Bearer /i, '') ?? '')
    if (account === undefined) return c.json({ detail: 'This is no token of this shop.' }, 401)
    return (await desk.grant(account, AMOUNT)) ? c.json({ account, amount: AMOUNT, currency: 'USD' }) : notTaken(c)
  })
  return app
}

function notTaken(c: Context) {
  return c.json({ detail: 'The gate did not take the credit. Try again.' }, 503)
}
