/** Loaded before the suite's test server: it then listens on loopback alone, and ends with who started it. */
import http, { type RequestListener } from 'node:http'

Object.assign(http, {
  createServer: (listener: RequestListener) => {
    const server = new http.Server(listener)
    const listen = server.listen.bind(server)
    return Object.assign(server, { listen: (port: unknown) => listen({ port: Number(port), host: '127.0.0.1' }) })
  },
})
process.once('disconnect', () => process.exit())
