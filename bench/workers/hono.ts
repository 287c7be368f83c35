import { Hono } from 'hono'
import { PAGE } from './pages.ts'

/** The yardstick: one route with a static answer. */
export default new Hono().get('/articles/:slug', (c) => c.text(PAGE))
