/** The site behind the gate. */
export default {
  fetch: (request: Request) => new Response(`the page ${new URL(request.url).pathname}`),
} satisfies ExportedHandler
