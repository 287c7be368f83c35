import { Hono } from 'hono'
import { paywall } from '../../src/platform/hono/index.ts'
import { siteOptions } from './options.ts'
import { PAGE } from './pages.ts'

/** The paywall as middleware, in front of the handler that `hono.ts` has alone. */
export default new Hono()
  .use(paywall(siteOptions()))
  .get('/articles/:slug', (c) => c.text(PAGE))
  .get('/free/:slug', (c) => c.text(PAGE))
