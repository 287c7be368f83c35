/** The `fetch` of this moment, which a test may have replaced. */
export const lateFetch: typeof fetch = (input, init) => fetch(input, init)
