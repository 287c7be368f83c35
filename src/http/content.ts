/**
 * Returns the content of a request, or null for `Content-Length: 0`. Some runtimes give a stream to a request without
 * content, and a stream can be sent only once.
 */
export function contentOf(request: Request): Request['body'] {
  const { body } = request
  return body === null || request.headers.get('content-length') === '0' ? null : body
}
