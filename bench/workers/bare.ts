import { PAGE } from './pages.ts'

/** A fetch handler and nothing else: what the runtime itself costs. */
export default {
  fetch: (): Response => new Response(PAGE),
} satisfies ExportedHandler
