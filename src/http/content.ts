/** The content of a request. Some runtimes give a stream to what has none, and a stream can be sent only once. */
export function contentOf({ body, headers }: Request): Request['body'] {
  return body === null || headers.get('content-length') === '0' ? null : body
}
