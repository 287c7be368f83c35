/**
 * Returns the content of a request, or null for `Content-Length: 0`. Some runtimes give a stream to a request without
 * content, and a stream can be sent only once.
 */
export function contentOf({ body, headers }: Request): Request['body'] {
  return body === null || headers.get('content-length') === '0' ? null : body
}
