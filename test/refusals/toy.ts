import type { RefusalFormat } from '../../src/refusals/format.ts'

/** A format in the shape that an SDK throws: `{"error": {…}}`, with the request's id in a field as well. */
export function errorObject(): RefusalFormat {
  return {
    name: 'error-object',
    accepts: ({ fields }) => fields.get('x-sdk') !== null,
    write: ({ detail, reason, instance }, _refusal, members) => ({
      fields: [
        ['Content-Type', 'application/json'],
        ['Request-Id', instance],
      ],
      body: JSON.stringify({
        error: { type: 'payment_error', code: reason, message: detail, request_id: instance },
        ...members,
      }),
    }),
    terminal({ detail, reason }) {
      const data = JSON.stringify({ error: { code: reason, message: detail } })
      return new TextEncoder().encode(`event: error\ndata: ${data}\n\n`)
    },
  }
}
