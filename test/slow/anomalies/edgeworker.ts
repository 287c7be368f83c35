/** What Cloudflare does before a Worker: it says who asks, as the test has told it in a field of its own. */
export default {
  fetch(request: Request, env: { readonly GATE: Fetcher }): Promise<Response> {
    const { address, asn, country } = JSON.parse(request.headers.get('x-from') ?? '{}') as Record<string, string>
    const headers = new Headers(request.headers)
    headers.delete('x-from')
    if (address !== undefined) headers.set('cf-connecting-ip', address)
    return env.GATE.fetch(new Request(request, { headers, cf: { asn: Number(asn), country } }))
  },
}
