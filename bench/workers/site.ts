import { PAGE, pageOf } from './pages.ts'

const STORABLE = {
  'cache-control': 'public, max-age=3600',
  'content-type': 'text/plain; charset=UTF-8',
  etag: '"1"',
}

/** The site behind the gate: `/articles/10000` is a page of so many bytes that may be stored for an hour; others may not. */
export default {
  fetch(request: Request): Response {
    const bytes = Number(new URL(request.url).pathname.split('/').at(-1))
    return Number.isInteger(bytes) ? new Response(pageOf(bytes), { headers: STORABLE }) : new Response(PAGE)
  },
} satisfies ExportedHandler
